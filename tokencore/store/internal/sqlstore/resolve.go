package sqlstore

import "context"

// Deferred is a value that is only known once the database has been asked. A Dialect may
// bind one where a comparison needs what the database cannot compute.
type Deferred interface {
	Resolve(ctx context.Context, on Conn) (any, error)
}

func unresolved(values []any) bool {
	for _, value := range values {
		if _, ok := value.(Deferred); ok {
			return true
		}
	}
	return false
}

// resolve replaces what is deferred, on the connection that then runs the query.
func resolve(ctx context.Context, on Conn, values []any) ([]any, error) {
	if !unresolved(values) {
		return values, nil
	}
	resolved := make([]any, len(values))
	for i, value := range values {
		if deferred, ok := value.(Deferred); ok {
			var err error
			if value, err = deferred.Resolve(ctx, on); err != nil {
				return nil, err
			}
		}
		resolved[i] = value
	}
	return resolved, nil
}
