// Package api is the wire format of the leadscore server and a Go client for it. It imports
// neither Gin nor the rest of leadscore, so that an application can depend on it alone. The module is named leadscore, without a host, so
// another module's go.mod says where it lies:
//
//	require leadscore v0.0.0
//	replace leadscore => ../leadscore
//
// types.go holds what one lead's request and answer look like, scorecards.go what an answer has of each of several scorecards, models.go what the server tells
// of its models, tables.go batches as CSV and Arrow, compress.go how they are compressed, problem.go the one form of every error, errors.go its codes as errors. A Client sends Requests and returns
// Answers; what the server refuses comes back as a *Problem:
//
//	lead, err := api.Attributes(map[string]any{"lead_id": "L-1", "employees": 120})
//	answer, err := client.Score(ctx, &api.Request{Lead: lead})
//	if errors.Is(err, api.ErrUnknownModel) {
//		// of what it is: one error for each code
//	}
//	if p := (*api.Problem)(nil); errors.As(err, &p) && p.Field != "" {
//		// the lead's own fault: p.Field names the attribute
//	}
//
// A Client asks again, with a growing and random wait, where that may help and cannot harm (retry.go): after 429 and 503 as late as the
// server says, where no connection could be made, and, of what changes nothing, where the connection broke or Options.Timeout
// passed before the answer began. A batch that has begun to be answered is never sent again. The context bounds all of it; what it ends tells the last refusal too. With
// Options.IdempotencyKeys all tries of one request get one answer.
//
// Request.Lang chooses the language of the texts: "en" or "es". An Explanation's Counterfactuals can be sent as they are: each
// change of a field is another value of that attribute, each of an event that many more events just before as_of.
//
// Dependencies: klauspost/compress (zstd, which the standard library does not have, and gzip at twice its speed).
//
// An answer's numbers are float64 written with the fewest digits that read back as the same bits.
package api
