package awxstub

import (
	"net/http"

	"github.com/gorilla/websocket"
)

// upgrader takes every Origin, as AWX does.
var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// webSocket accepts a handshake by a session or whatever else names a user, says so, and
// echoes the messages whose xrftoken is the handshake's csrftoken cookie. Whether the user
// still exists it never asks again.
func (s *Stub) webSocket(c *call) {
	if cookie, err := c.Cookie(sessionCookie); err == nil {
		if id, known := s.sessions[cookie.Value]; known {
			c.user = s.find(func(u *User) bool { return u.ID == id })
		}
	}
	if c.user == nil {
		if status, detail := s.authenticate(c); status != http.StatusOK || c.user == nil {
			c.refuse(http.StatusForbidden, detail)
			return
		}
	}
	var csrfToken string
	if cookie, err := c.Cookie(csrfCookie); err == nil {
		csrfToken = cookie.Value
	}
	r, greeting := c.Request, map[string]any{"accept": true, "user": c.user.ID}
	c.upgraded = func(w http.ResponseWriter) {
		connection, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return // Upgrade has answered
		}
		s.open.Add(1)
		defer s.open.Add(-1)
		defer func() { _ = connection.Close() }()
		echo(connection, greeting, csrfToken)
	}
}

// echo ends with the connection.
func echo(connection *websocket.Conn, greeting map[string]any, csrfToken string) {
	err := connection.WriteJSON(greeting)
	for err == nil {
		var message map[string]any
		if err = connection.ReadJSON(&message); err != nil {
			return
		}
		if csrfToken == "" || message["xrftoken"] != csrfToken {
			message = map[string]any{"error": "access denied to channel"}
		}
		err = connection.WriteJSON(message)
	}
}

// OpenWebSockets returns how many connections are open.
func (s *Stub) OpenWebSockets() int { return int(s.open.Load()) }
