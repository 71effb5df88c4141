package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newAccess(s streams) *cobra.Command {
	return group("access", "Prove who can obtain what, and explain single decisions", `  sallyport access matrix --env production
  sallyport access explain payright payments.write.posting`, newAccessMatrix(s), newAccessReach(s), newAccessDiff(s), newAccessExplain(s), newAccessReplay(s),
		newAccessSize(s), newAccessTest(s), newAccessImport(s), newAccessExport(s))
}

func newAccessMatrix(s streams) *cobra.Command {
	var f stateFlags
	var server string
	var asCSV bool
	c := &cobra.Command{
		Use: "matrix", Short: "Show what every application can obtain, in every context", Args: noArgs,
		Long: `Matrix tries every context that the rules tell apart, for every application and
scope, by the code that issues tokens. "conditional" means in some contexts only:
groups, attributes, networks, times, assurance, age of the sign-in. The last row is any application that might be
registered later.`,
		Example: `  sallyport access matrix
  sallyport access matrix --authserver enterprise --csv > matrix.csv`,
		RunE: func(c *cobra.Command, _ []string) error {
			if asCSV && f.json {
				return usage(c, errors.New("--csv and --json exclude each other"))
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				query := url.Values{}
				if server != "" {
					query.Set("server", server)
				}
				var answer json.RawMessage
				if err := talk.get(talk.here("/access/matrix"), query, &answer); err != nil {
					return err
				}
				if asCSV {
					return show(talk, answer, talk.matrixCSV)
				}
				return show(talk, answer, talk.matrices)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&server, "authserver", "", "only this authorization server")
	c.Flags().BoolVar(&asCSV, "csv", false, "one line a cell, for a spreadsheet")
	return c
}

// questionFlags ask for what an application would get.
type questionFlags struct {
	q          admin.Question
	at         string
	age        time.Duration
	attributes []string
}

func (f *questionFlags) bind(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.q.Server, "authserver", "", "authorization server (default: the only one that the application is assigned)")
	flags.StringVar(&f.q.Grant, "grant", "", "authorization_code or client_credentials (default: by the application's type)")
	flags.StringVar(&f.q.Customer, "customer", "", "a customer, by id or by a name they sign in with")
	flags.StringSliceVar(&f.q.Groups, "groups", nil, "groups of an invented customer")
	flags.StringVar(&f.at, "at", "", "instant, RFC 3339 (default: now)")
	flags.StringVar(&f.q.Address, "address", "", "IP address of the browser or machine (default: unknown)")
	flags.StringVar(&f.q.Assurance, "assurance", "", "pwd, mfa or phr: what the sign-in proved (default: pwd)")
	flags.StringArrayVar(&f.attributes, "attribute", nil, "NAME=VALUE of an invented customer; repeatable")
	flags.DurationVar(&f.age, "age", 0, "how long ago the customer signed in, such as 10m (default: just now)")
	flags.StringSliceVar(&f.q.Original, "original", nil, "for a refresh: the scopes that were first granted (default: no refresh)")
}

// question reads the flags.
func (f *questionFlags) question(c *cobra.Command, application string, scopes []string) (admin.Question, error) {
	f.q.Application, f.q.Scopes = application, scopes
	if f.q.Customer != "" && len(f.q.Groups)+len(f.attributes) > 0 {
		return f.q, usage(c, errors.New("--customer excludes --groups and --attribute: a customer has their own"))
	}
	for _, one := range f.attributes {
		name, value, found := strings.Cut(one, "=")
		if !found || name == "" {
			return f.q, usage(c, fmt.Errorf("--attribute %q is not NAME=VALUE", one))
		}
		if f.q.Attributes == nil {
			f.q.Attributes = map[string]string{}
		}
		f.q.Attributes[name] = value
	}
	if f.age < 0 {
		return f.q, usage(c, errors.New("--age is a length of time such as 10m"))
	}
	if f.age > 0 {
		f.q.Age = f.age.String()
	}
	if f.at != "" {
		at, err := time.Parse(time.RFC3339, f.at)
		if err != nil {
			return f.q, usage(c, fmt.Errorf("--at %q is no instant such as 2026-11-22T10:00:00Z", f.at))
		}
		f.q.At = at
	}
	return f.q, nil
}

func newAccessExplain(s streams) *cobra.Command {
	var f stateFlags
	var asked questionFlags
	c := &cobra.Command{
		Use: "explain APPLICATION [SCOPE...]", Short: "Explain a decision: every check, and each rule's first condition that failed", Args: takesMore("APPLICATION"),
		Long: `Explain decides a request as the token endpoint would, and says how it got there.
Without a scope it asks for the server's defaults, as an empty request does.`,
		Example: `  sallyport access explain payright payments.write.posting
  sallyport access explain my-account billing.write.payment --groups landlords
  sallyport access explain my-account billing.read.bill --customer dana --at 2026-11-22T03:00:00Z --assurance pwd
  sallyport access explain my-account billing.write.payment --groups residential --attribute tariff=green --age 20m`,
		RunE: func(c *cobra.Command, args []string) error {
			question, err := asked.question(c, args[0], args[1:])
			if err != nil {
				return err
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, talk.here("/access/explain"), question, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(e admin.Explained) error {
					talk.note("%s, revision %d", e.Place, e.Revision)
					_, err := fmt.Fprintln(s.out, strings.TrimRight(e.Text, "\n"))
					return err
				})
			})
		},
	}
	f.bindEnv(c)
	asked.bind(c)
	return c
}
