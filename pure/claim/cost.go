package claim

import (
	"strings"

	"cel.dev/cel-go/common/cost"
)

// sizes tells how long what expressions read is at worst, for the bound of their
// cost. Who has more has their claim left out when the cost is counted.
type sizes struct{}

const (
	sizeGroups = 500  // groups of one customer
	sizeName   = 64   // of a group, a scope or the like
	sizeScopes = 100  // granted at once
	sizeText   = 1024 // of an attribute
	sizeTags   = 50
)

// EstimateSize knows variables and their fields by path.
func (sizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	most := uint64(0)
	switch path := strings.Join(node.Path(), "."); {
	case path == "customer.groups":
		most = sizeGroups
	case path == "scopes":
		most = sizeScopes
	case path == "application.tags":
		most = sizeTags
	case strings.HasPrefix(path, "customer.attributes."), path == "customer.name":
		most = sizeText
	case path != "":
		most = sizeName
	default:
		return nil
	}
	return &cost.SizeEstimate{Min: 0, Max: most}
}

// EstimateCallCost leaves functions to CEL's own estimates.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}
