package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

// budget is what a row may cost: a ratio to its yardstick, or an absolute figure in
// the row's unit.
type budget struct {
	Ratio    float64 `json:"ratio,omitempty"`
	Absolute float64 `json:"absolute,omitempty"`
}

// row is what was measured of one path. Figures are medians.
type row struct {
	Path      string  `json:"path"`
	Yardstick string  `json:"yardstick,omitempty"`
	Unit      string  `json:"unit"` // µs: of CPU time
	Product   float64 `json:"product"`
	Floor     float64 `json:"floor,omitempty"`
	Ratio     float64 `json:"ratio,omitempty"`
	Low       float64 `json:"ratio_low,omitempty"`  // of single rounds
	High      float64 `json:"ratio_high,omitempty"` // of single rounds
	Budget    budget  `json:"budget"`
	Kept      bool    `json:"kept"`
	Remark    string  `json:"remark,omitempty"`
}

// table is the whole answer. Members are added, never renamed.
type table struct {
	Version int    `json:"version"`
	Engine  string `json:"engine"`
	Rows    []row  `json:"rows"`
}

func (t *table) add(r row, b budget) {
	r.Budget = b
	r.Kept = r.use() <= 1
	t.Rows = append(t.Rows, r)
}

// use is how much of its budget a row takes: 1 is all of it.
func (r row) use() float64 {
	if r.Budget.Absolute > 0 {
		return r.Product / r.Budget.Absolute
	}
	return r.Ratio / r.Budget.Ratio
}

func (t *table) missed() bool {
	for _, r := range t.Rows {
		if !r.Kept {
			return true
		}
	}
	return false
}

func (t *table) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(t)
}

func (t *table) write(w io.Writer) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(columns, "PATH (%s)\tYARDSTICK\tPRODUCT\tFLOOR\tRATIO\tROUNDS\tBUDGET\t\t\n", t.Engine)
	for _, r := range t.Rows {
		verdict := "kept"
		if !r.Kept {
			verdict = "MISSED"
		}
		figure := func(f float64) string { return fmt.Sprintf("%.*f %s", digits(f), f, r.Unit) }
		floor, ratio, rounds, budget := "", "", "", "≤ "+figure(r.Budget.Absolute)
		if r.Floor > 0 {
			floor, ratio, rounds = figure(r.Floor), fmt.Sprintf("%.2f", r.Ratio), fmt.Sprintf("%.2f–%.2f", r.Low, r.High)
		}
		if r.Budget.Ratio > 0 {
			budget = fmt.Sprintf("≤ %g", r.Budget.Ratio)
		}
		fmt.Fprintf(columns, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Path, r.Yardstick, figure(r.Product), floor, ratio, rounds, budget, verdict, r.Remark)
	}
	return columns.Flush()
}

// digits after the point are fewer where they would be noise.
func digits(f float64) int {
	if f < 10 {
		return 1
	}
	return 0
}
