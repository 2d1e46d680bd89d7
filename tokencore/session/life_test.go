package session_test

import (
	"testing"
	"time"
)

func TestSessionSlides(t *testing.T) {
	for _, test := range []struct {
		age   string
		every time.Duration // just less than the age
		idle  time.Duration // more than the age
	}{
		{"60", 59 * time.Second, 67 * time.Second},
		{"1800", 1799 * time.Second, 1861 * time.Second},
		{"86400", 86399 * time.Second, 86461 * time.Second},
	} {
		t.Run(test.age, func(t *testing.T) {
			w := newWorld(t)
			w.set(t, "SESSION_COOKIE_AGE", test.age)
			b := newBrowser()
			w.signIn(t, b)
			for range 5 {
				w.now = w.now.Add(time.Second)
				w.wantAlice(t, b)
				w.now = w.now.Add(test.every)
				w.wantAlice(t, b)
				if got := b.header.Get("Session-Timeout"); got != test.age {
					t.Errorf("Session-Timeout is %s", got)
				}
				if c := b.cookies["awx_sessionid"]; !c.Expires.Equal(w.now.Add(test.every + time.Second)) {
					t.Errorf("the cookie expires at %v, it is %v", c.Expires, w.now)
				}
			}
			w.now = w.now.Add(test.idle)
			w.wantNobody(t, b)
		})
	}
}

func TestSessionIsWrittenAtMostOnceAMinute(t *testing.T) {
	w := newWorld(t)
	b := newBrowser()
	w.signIn(t, b)
	before := w.store.updates
	for range 600 {
		w.now = w.now.Add(time.Second)
		w.wantAlice(t, b)
	}
	if got := w.store.updates - before; got != 10 {
		t.Errorf("%d transactions in ten minutes", got)
	}
}

func TestSessionFollowsTheSetting(t *testing.T) {
	w := newWorld(t)
	b := newBrowser()
	w.signIn(t, b)
	w.set(t, "SESSION_COOKIE_AGE", "60")
	w.wantAlice(t, b)
	if got := b.header.Get("Session-Timeout"); got != "60" {
		t.Errorf("Session-Timeout is %s", got)
	}
	w.now = w.now.Add(2 * time.Minute)
	w.wantNobody(t, b)
}

func TestSessionEndsAfterThirtyDays(t *testing.T) {
	w := newWorld(t)
	w.set(t, "SESSION_COOKIE_AGE", "86400")
	b := newBrowser()
	w.signIn(t, b)
	began := w.now
	for w.now.Sub(began) < 30*24*time.Hour-time.Hour {
		w.wantAlice(t, b)
		w.now = w.now.Add(12 * time.Hour)
	}
	w.now = began.Add(30*24*time.Hour - time.Minute)
	w.wantAlice(t, b)
	if c := b.cookies["awx_sessionid"]; c.MaxAge != 60 {
		t.Errorf("a minute before the end the cookie lives %d s", c.MaxAge)
	}
	w.now = began.Add(30 * 24 * time.Hour)
	w.wantNobody(t, b)
}

func TestLongestSetting(t *testing.T) {
	w := newWorld(t)
	w.set(t, "SESSION_COOKIE_AGE", "30000000000")
	b := newBrowser()
	w.signIn(t, b)
	w.now = w.now.AddDate(900, 0, 0)
	w.wantAlice(t, b)
	if c := b.cookies["awx_sessionid"]; c.Expires.Year() > 9999 {
		t.Errorf("the cookie expires in %d", c.Expires.Year())
	}
}
