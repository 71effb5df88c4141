package main

import (
	"sallyport/pure/expect"
	"sallyport/pure/govern"
	"sallyport/pure/review"
	"sallyport/service/promotion"
)

// wirePromotion constructs what takes configurations to environments, with every
// gate that they pass.
func (i *installation) wirePromotion() {
	i.promotion = promotion.New(promotion.Config{
		Store: i.store, Environments: i.registry, Operators: i.operators, Audit: i.audit, Now: now, Crash: crashHook(),
		Gates: []promotion.Gate{expected, governed},
	})
}

// expected holds a change to what people expect of access, and tells what it makes them
// expect no more.
func expected(c promotion.Considered) ([]review.Gate, error) {
	return append([]review.Gate{expect.Gate(c.After)}, expect.Dropped(c.Before, c.After)...), nil
}

// governed holds a change to what the tenant asks of maturity, sizes and names.
func governed(c promotion.Considered) ([]review.Gate, error) {
	return govern.Gates(c.Tree, c.After), nil
}
