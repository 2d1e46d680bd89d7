package tokencore

import "time"

// Session is a browser's login, which all nodes over one store share. Its value is in
// the browser's cookie; only the digest is kept.
type Session struct {
	Digest  Digest // of KindSession
	UserID  int64
	Created time.Time
	Expires time.Time
}
