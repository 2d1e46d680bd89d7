// Package awxstub is a test double of AWX, 24.6.1 and later, as a gateway sees it: it takes an
// identity from X-DAB-JW-TOKEN by the rules of django-ansible-base, from HTTP Basic and
// from a session, shows users, organizations, settings and the activity stream, echoes on
// WebSockets, and records what it was sent. Of tokens and applications it knows nothing,
// as AWX after 24.6.1.
//
// It is for tests and demos. It keeps everything in memory, passwords included, and is
// no more of AWX than they need.
package awxstub

import (
	"crypto/rsa"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// User is an account of the stub.
type User struct {
	ID              int64
	AnsibleID       string
	Username        string
	Password        string
	FirstName       string
	LastName        string
	Email           string
	IsSuperuser     bool
	IsSystemAuditor bool
	// Disabled: is_active is false. AWX filters by it, lets nobody in and does not show it,
	// but its JWT consumer does not look at it.
	Disabled bool
	// Created by a JWT that named somebody unknown, as AWX does.
	FromJWT bool
}

// Organization is an organization with the ids of its users.
type Organization struct {
	ID              int64
	AnsibleID       string
	Name            string
	Members, Admins []int64
	Auditors        []int64
}

// Request is what the stub was sent.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	// Username is who acted; empty: nobody.
	Username string
	Status   int
}

// Stub is an http.Handler that plays AWX.
type Stub struct {
	now func() time.Time
	mux *http.ServeMux

	open atomic.Int32 // WebSockets

	mu            sync.Mutex
	key           *rsa.PublicKey // nil: ANSIBLE_BASE_JWT_KEY is not set, and the header is ignored
	users         []*User
	organizations []*Organization
	sessions      map[string]int64 // user id by cookie
	peering       Peering
	settings      []setting
	entries       []Entry
	requests      []Request
	down          bool
}

// New returns a stub with these users and organizations. A nil clock is time.Now.
func New(now func() time.Time, users []User, organizations []Organization) *Stub {
	if now == nil {
		now = time.Now
	}
	s := &Stub{now: now, mux: http.NewServeMux(), sessions: make(map[string]int64), settings: initialSettings()}
	for _, u := range users {
		s.users = append(s.users, &u)
	}
	for _, o := range organizations {
		s.organizations = append(s.organizations, &o)
	}
	s.routes()
	s.documentRoutes()
	s.activityRoutes()
	return s
}

// SetJWTKey sets ANSIBLE_BASE_JWT_KEY; "" unsets it.
func (s *Stub) SetJWTKey(pemText string) error {
	if pemText == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.key = nil
		return nil
	}
	key, err := parsePublicKey(pemText)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = key
	return nil
}

// SetDown makes AWX answer 502 to everything, as an ingress in front of it would, or
// makes it answer again.
func (s *Stub) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// Add adds a user.
func (s *Stub) Add(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users = append(s.users, &u)
}

// Change changes a user, or deletes him where change returns false. It reports whether
// there is one of that name.
func (s *Stub) Change(username string, change func(*User) bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, u := range s.users {
		if u.Username == username {
			if !change(u) {
				s.users = append(s.users[:i:i], s.users[i+1:]...)
			}
			return true
		}
	}
	return false
}

// User returns a copy of the user of that name.
func (s *Stub) User(username string) (user User, found bool) {
	found = s.Change(username, func(u *User) bool {
		user = *u
		return true
	})
	return user, found
}

// Take returns the requests since the last call.
func (s *Stub) Take() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.requests
	s.requests = nil
	return taken
}

// ServeHTTP implements http.Handler. One request is served at a time; WebSockets run beside.
func (s *Stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client is gone
	}
	call := s.answer(w, r, string(body))
	if call.upgraded != nil { // for as long as the connection is open
		call.upgraded(w)
	}
}

func (s *Stub) answer(w http.ResponseWriter, r *http.Request, body string) *call {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := &recordingWriter{ResponseWriter: w, status: http.StatusOK}
	call := &call{Request: r, w: answer, body: body}
	if s.down {
		http.Error(w, "Bad Gateway", http.StatusBadGateway)
		return call
	}
	s.serve(call)
	if call.upgraded != nil {
		answer.status = http.StatusSwitchingProtocols
	}
	record := Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone(), Status: answer.status}
	if call.user != nil {
		record.Username = call.user.Username
	}
	s.requests = append(s.requests, record)
	return call
}

// call is a request under way.
type call struct {
	*http.Request
	w    http.ResponseWriter
	body string
	user *User // nil: nobody

	upgraded func(http.ResponseWriter) // what follows a handshake that is accepted
}

type recordingWriter struct {
	http.ResponseWriter
	status int
}

func (w *recordingWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// find returns the first user for whom match is true.
func (s *Stub) find(match func(*User) bool) *User {
	for _, u := range s.users {
		if match(u) {
			return u
		}
	}
	return nil
}

// newID makes an id that no user has.
func (s *Stub) newID() int64 {
	id := int64(1)
	for _, u := range s.users {
		id = max(id, u.ID+1)
	}
	return id
}

var _ http.Handler = (*Stub)(nil)
