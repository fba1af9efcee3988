package api

// ErrorCode is the code of a Problem as an error to compare with: errors.Is(err, api.ErrUnknownModel) holds of every Problem with that
// code, in an error of the Client or in a row of a batch. It is a constant, so that nobody can set it; a code that a newer server
// has and this package does not can be written as it stands: errors.Is(err, api.ErrorCode("a_new_one")).
type ErrorCode string

// Error is the code.
func (c ErrorCode) Error() string { return string(c) }

// One for each code. What the lead or the request is at fault for will fail again unchanged; ErrNotReady, ErrOverloaded and ErrRateLimited have been
// tried again already, where Options.Retries allowed it.
const (
	ErrInvalidJSON      = ErrorCode(CodeInvalidJSON)
	ErrInvalidCSV       = ErrorCode(CodeInvalidCSV)
	ErrInvalidArrow     = ErrorCode(CodeInvalidArrow)
	ErrInvalidEncoding  = ErrorCode(CodeInvalidEncoding)
	ErrUnknownField     = ErrorCode(CodeUnknownField)
	ErrDuplicateKey     = ErrorCode(CodeDuplicateKey)
	ErrInvalidValue     = ErrorCode(CodeInvalidValue)
	ErrUnknownAttribute = ErrorCode(CodeUnknownAttribute)
	ErrUnknownParameter = ErrorCode(CodeUnknownParameter)
	ErrInvalidHeader    = ErrorCode(CodeInvalidHeader)
	ErrUnauthenticated  = ErrorCode(CodeUnauthenticated)
	ErrForbidden        = ErrorCode(CodeForbidden)
	ErrNotFound         = ErrorCode(CodeNotFound)
	ErrUnknownModel     = ErrorCode(CodeUnknownModel)
	ErrMethodNotAllowed = ErrorCode(CodeMethodNotAllowed)
	ErrTimeout          = ErrorCode(CodeTimeout)
	ErrConflict         = ErrorCode(CodeConflict)
	ErrTooLarge         = ErrorCode(CodeTooLarge)
	ErrMediaType        = ErrorCode(CodeMediaType)
	ErrUnloadable       = ErrorCode(CodeUnloadable)
	ErrKeyReused        = ErrorCode(CodeKeyReused)
	ErrRateLimited      = ErrorCode(CodeRateLimited)
	ErrInternal         = ErrorCode(CodeInternal)
	ErrRegistryFailed   = ErrorCode(CodeRegistryFailed)
	ErrNotReady         = ErrorCode(CodeNotReady)
	ErrOverloaded       = ErrorCode(CodeOverloaded)
)

// Is makes errors.Is compare codes. A Problem without a code, as a proxy's page becomes, is none of them, and neither is nil, which the Error
// of a Row that was scored is.
func (p *Problem) Is(target error) bool {
	code, ok := target.(ErrorCode)
	return ok && p != nil && code != "" && string(code) == p.Code
}
