package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"regexp"
	"sync"
	"time"

	modernc "modernc.org/sqlite"

	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

// The functions that our statements call and SQLite does not have.
const (
	sqlMatches  = `awxgate_matches`   // (pattern, text)
	sqlTimeText = `awxgate_time_text` // (microseconds)
)

// connector opens connections that have our functions. A driver of our own keeps
// them from other users of SQLite in the same program.
type connector struct {
	driver   *modernc.Driver
	location string
}

func newConnector(location string) (driver.Connector, error) {
	c := connector{&modernc.Driver{}, location}
	if err := c.driver.RegisterDeterministicScalarFunction(sqlMatches, 2, matches); err != nil {
		return nil, err
	}
	return c, c.driver.RegisterDeterministicScalarFunction(sqlTimeText, 1, timeText)
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.driver.Open(c.location)
}

func (c connector) Driver() driver.Driver { return c.driver }

// matches is NULL for NULL.
func matches(_ *modernc.FunctionContext, args []driver.Value) (driver.Value, error) {
	if args[1] == nil {
		return nil, nil
	}
	pattern, ok := args[0].(string)
	text, ok2 := args[1].(string)
	if !ok || !ok2 {
		return nil, fmt.Errorf("matching %T with %T", args[1], args[0])
	}
	compiled, err := patterns.get(pattern)
	if err != nil {
		return nil, err
	}
	return compiled.MatchString(text), nil
}

func timeText(_ *modernc.FunctionContext, args []driver.Value) (driver.Value, error) {
	switch value := args[0].(type) {
	case nil:
		return nil, nil
	case int64:
		text, _ := match.Text(time.UnixMicro(value))
		return text, nil
	default:
		return nil, fmt.Errorf("a time is stored as %T", value)
	}
}

// patterns remembers compiled patterns while statements use them, row by row.
var patterns patternCache

// maxPatterns bounds the cache. If more are in use at once, some are compiled again.
const maxPatterns = 64

type patternCache struct {
	mu  sync.Mutex
	all map[string]*regexp.Regexp
}

func (c *patternCache) put(pattern *regexp.Regexp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil || len(c.all) >= maxPatterns {
		c.all = make(map[string]*regexp.Regexp, maxPatterns)
	}
	c.all[pattern.String()] = pattern
}

func (c *patternCache) get(pattern string) (*regexp.Regexp, error) {
	c.mu.Lock()
	compiled, ok := c.all[pattern]
	c.mu.Unlock()
	if ok {
		return compiled, nil
	}
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("a pattern that was checked does not compile")
	}
	c.put(compiled)
	return compiled, nil
}

var _ driver.Connector = connector{}
