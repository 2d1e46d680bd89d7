package awxstub_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/internal/awxstub"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

const aliceID = "0f3a9f5e-8a52-4c1c-9f5e-2d6b8f6d1a11"

var noon = time.Unix(1767225600, 0)

func newStub() *awxstub.Stub {
	return awxstub.New(func() time.Time { return noon }, []awxstub.User{
		{ID: 1, AnsibleID: "11111111-8a52-4c1c-9f5e-2d6b8f6d1a11", Username: "admin", Password: "pw", IsSuperuser: true},
		{ID: 2, AnsibleID: aliceID, Username: "alice", Password: "pw"},
	}, []awxstub.Organization{{ID: 1, Name: "Default", Members: []int64{1, 2}, Admins: []int64{1}}})
}

func newKey(t *testing.T) (private *rsa.PrivateKey, public string) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return private, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func sign(t *testing.T, key *rsa.PrivateKey, header string, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(header)) + "." + encode(payload)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

func goodClaims() map[string]any {
	return map[string]any{
		"version": "1", "iss": "ansible-issuer", "aud": []string{"ansible-services"}, "sub": aliceID, "exp": noon.Unix() + 60,
		"service_id": aliceID, "objects": map[string]any{}, "object_roles": map[string]any{}, "global_roles": []string{},
		"user_data":   map[string]any{"username": "alice", "first_name": "", "last_name": "", "email": "", "is_superuser": false},
		"claims_hash": "7187a6e9448189596eb4208744d80e066f71768501d83f072a4ecb91419796b0",
	}
}

func ask(t *testing.T, s *awxstub.Stub, method, path string, header http.Header, body string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	request.Header = header
	w := httptest.NewRecorder()
	s.ServeHTTP(w, request)
	return w
}

// cookie returns the first cookie that was set.
func cookie(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	set, err := http.ParseSetCookie(w.Header().Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	return set.Value
}

func TestJWTIsAcceptedByTheRulesOfDABOnly(t *testing.T) {
	const rs256 = `{"alg":"RS256","typ":"JWT"}`
	key, public := newKey(t)
	other, _ := newKey(t)
	without := func(claim string) func(map[string]any) { return func(c map[string]any) { delete(c, claim) } }
	with := func(claim string, value any) func(map[string]any) { return func(c map[string]any) { c[claim] = value } }
	tests := map[string]struct {
		key    *rsa.PrivateKey
		header string
		change func(map[string]any)
		want   int
	}{
		"good":                {key, rs256, func(map[string]any) {}, 200},
		"audience as a text":  {key, rs256, with("aud", "ansible-services"), 200},
		"another key":         {other, rs256, func(map[string]any) {}, 401},
		"alg none":            {key, `{"alg":"none"}`, func(map[string]any) {}, 401},
		"alg HS256":           {key, `{"alg":"HS256"}`, func(map[string]any) {}, 401},
		"alg RS512":           {key, `{"alg":"RS512"}`, func(map[string]any) {}, 401},
		"another issuer":      {key, rs256, with("iss", "awxgate"), 401},
		"another audience":    {key, rs256, with("aud", "awx"), 401},
		"expired this second": {key, rs256, with("exp", noon.Unix()), 401},
		"issued in future":    {key, rs256, with("iat", noon.Unix()+1), 401},
		"sub not a UUID":      {key, rs256, with("sub", "alice"), 401},
		"another claims_hash": {key, rs256, with("claims_hash", strings.Repeat("0", 64)), 401},
		"a service's rights":  {key, rs256, with("resource_api_actions", "*"), 401},
		"user_data halved":    {key, rs256, with("user_data", map[string]any{"username": "alice"}), 401},
		"email null":          {key, rs256, with("user_data", map[string]any{"username": "alice", "first_name": "", "last_name": "", "email": nil, "is_superuser": false}), 401},
	}
	for claim := range goodClaims() {
		tests["without "+claim] = struct {
			key    *rsa.PrivateKey
			header string
			change func(map[string]any)
			want   int
		}{key, rs256, without(claim), 401}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStub()
			if err := s.SetJWTKey(public); err != nil {
				t.Fatal(err)
			}
			claims := goodClaims()
			test.change(claims)
			// A good password besides does not help.
			header := http.Header{"X_dab_jw_token": {sign(t, test.key, test.header, claims)}, "Authorization": {"Basic YWRtaW46cHc="}}
			if got := ask(t, s, "GET", "/api/v2/me/", header, ""); got.Code != test.want {
				t.Errorf("status %d, want %d", got.Code, test.want)
			}
			if acted := s.Take()[0].Username; (acted == "alice") != (test.want == 200) {
				t.Errorf("%q acted", acted)
			}
		})
	}
}

func TestJWTIsIgnoredWithoutAKey(t *testing.T) {
	s := newStub()
	ask(t, s, "GET", "/api/v2/me/", http.Header{"X-Dab-Jw-Token": {"x.y.z"}, "Authorization": {"Basic YWRtaW46cHc="}}, "")
	if got := s.Take()[0].Username; got != "admin" {
		t.Errorf("%q acted", got)
	}
	_, public := newKey(t)
	if err := s.SetJWTKey("\n" + public); err == nil {
		t.Error("a key after an empty line was accepted")
	}
}

func TestMintedTokenIsAccepted(t *testing.T) {
	private, public := newKey(t)
	key, err := dabjwt.ParseKey(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}))
	if err != nil {
		t.Fatal(err)
	}
	minter, err := dabjwt.New(key, dabjwt.Config{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	s := newStub()
	if err := s.SetJWTKey(public); err != nil {
		t.Fatal(err)
	}
	for _, u := range []tokencore.User{
		{Username: "alice", AnsibleID: aliceID, Email: "alice@example.org", IsActive: true},
		{Username: "jürgen <&>\"\\", AnsibleID: "22222222-8a52-4c1c-9f5e-2d6b8f6d1a11", IsActive: true},
	} {
		token, err := minter.Mint(&u)
		if err != nil {
			t.Fatal(err)
		}
		if got := ask(t, s, "GET", "/api/v2/me/", http.Header{dabjwt.Header: {token.Reveal()}}, ""); got.Code != 200 {
			t.Errorf("%s: status %d", u.Username, got.Code)
		}
		if acted := s.Take()[0].Username; acted != u.Username {
			t.Errorf("%q acted, want %q", acted, u.Username)
		}
	}
	if alice, _ := s.User("alice"); alice.Email != "alice@example.org" || alice.FromJWT {
		t.Errorf("got %+v", alice)
	}
	if jurgen, _ := s.User("jürgen <&>\"\\"); !jurgen.FromJWT {
		t.Errorf("got %+v", jurgen)
	}
}

func TestSessionNeedsTheCSRFTokenToWrite(t *testing.T) {
	s := newStub()
	csrf := cookie(t, ask(t, s, "GET", "/api/login/", nil, ""))
	form := url.Values{"username": {"alice"}, "password": {"pw"}}.Encode()
	header := http.Header{"Cookie": {"csrftoken=" + csrf}, "Content-Type": {"application/x-www-form-urlencoded"}}
	if got := ask(t, s, "POST", "/api/login/", header, form).Code; got != http.StatusForbidden {
		t.Errorf("without the token: %d", got)
	}
	header.Set("X-CSRFToken", csrf)
	if got := ask(t, s, "POST", "/api/login/", header, form+"x").Code; got != http.StatusUnauthorized {
		t.Errorf("with a wrong password: %d", got)
	}
	in := ask(t, s, "POST", "/api/login/", header, form)
	if in.Code != http.StatusFound || in.Header().Get("X-API-Session-Cookie-Name") != "awx_sessionid" {
		t.Fatalf("got %d %v", in.Code, in.Header())
	}
	header.Set("Cookie", "csrftoken="+csrf+"; awx_sessionid="+cookie(t, in))
	var got []int
	for _, method := range []string{"GET", "POST"} {
		got = append(got, ask(t, s, method, "/api/v2/jobs/", header, "").Code)
	}
	header.Del("X-CSRFToken")
	got = append(got, ask(t, s, "POST", "/api/v2/jobs/", header, "").Code)
	ask(t, s, "GET", "/api/logout/", header, "")
	got = append(got, ask(t, s, "GET", "/api/v2/jobs/", header, "").Code)
	if diff := cmp.Diff([]int{200, 200, 403, 401}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestResourcesAreWhatADirectoryAsksFor(t *testing.T) {
	for _, test := range []struct {
		who, path string
		status    int
		want      string
	}{
		{"admin", "/api/v2/users/?username=alice", 200, `"ansible_id":"` + aliceID + `"`},
		{"admin", "/api/v2/users/?username=ALICE", 200, `"count":0`},
		{"admin", "/api/v2/users/2/", 200, `"username":"alice"`},
		{"alice", "/api/v2/users/1/", 404, "Not found."},
		{"alice", "/api/v2/users/", 200, `"count":1`},
		{"admin", "/api/v2/organizations/1/", 200, `"name":"Default"`},
		{"admin", "/api/v2/organizations/?name=None", 200, `"count":0`},
		{"admin", "/api/v2/organizations/1/users/", 200, `"count":2`},
		{"admin", "/api/v2/organizations/1/admins/", 200, `"count":1`},
		{"admin", "/api/v2/users/2/organizations/", 200, `"count":1`},
		{"admin", "/api/v2/users/2/admin_of_organizations/", 200, `"count":0`},
		{"admin", "/api/v2/organizations/9/", 404, "Not found."},
		{"admin", "/api/v2/nothing/", 404, "could not be found"},
		{"nobody", "/api/v2/me/", 401, "Invalid username/password."},
	} {
		request := httptest.NewRequestWithContext(t.Context(), "GET", test.path, nil)
		request.SetBasicAuth(test.who, "pw")
		w := httptest.NewRecorder()
		newStub().ServeHTTP(w, request)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("%s %s: %d %s", test.who, test.path, w.Code, w.Body)
		}
	}
}

func TestChangedUsersAreSeenAtOnce(t *testing.T) {
	s := newStub()
	s.Change("alice", func(*awxstub.User) bool { return false })
	if _, found := s.User("alice"); found {
		t.Error("alice is still there")
	}
	if s.Change("alice", func(*awxstub.User) bool { return true }) {
		t.Error("alice was changed")
	}
}
