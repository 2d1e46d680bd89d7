package tokencore_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

// recorded returns the entries that the steps wrote.
func (w *world) recorded(t *testing.T, steps func()) []string {
	t.Helper()
	before := len(w.activities(t))
	steps()
	var got []string
	for _, a := range w.activities(t)[before:] {
		got = append(got, a.Operation+" "+a.Object+" "+string(a.Changes))
	}
	return got
}

func TestActivityOfAccounts(t *testing.T) {
	w := newWorld(t)
	var u tokencore.User
	var o tokencore.Organization
	edit := func(change func(*tokencore.User)) func() error {
		return func() error {
			_, err := w.UpdateUser(t.Context(), w.admin, u.ID, func(u *tokencore.User) error { change(u); return nil })
			return err
		}
	}
	for _, step := range []struct {
		name string
		do   func() error
		want []string
	}{
		{"a new organization", func() (err error) {
			o, err = w.CreateOrganization(t.Context(), w.admin, tokencore.Organization{Name: "orgA", MaxHosts: 3})
			return err
		}, []string{`create organization {"name":"orgA","description":"","max_hosts":3,"default_environment":null,"id":2}`}},
		{"a new user: the password is stored after the user", func() (err error) {
			u, err = w.CreateUser(t.Context(), w.admin, tokencore.User{Username: "ann", FirstName: "Ann", PasswordHash: "h", IsActive: true})
			return err
		}, []string{
			`create user {"username":"ann","first_name":"Ann","last_name":"","email":"","is_superuser":false,"password":"hidden","id":2}`,
			`update user {"password":["hidden","hidden"]}`,
		}},
		{"a new system auditor", func() error {
			_, err := w.CreateUser(t.Context(), w.admin, tokencore.User{Username: "aud", IsSystemAuditor: true})
			return err
		}, []string{
			`create user {"username":"aud","first_name":"","last_name":"","email":"","is_superuser":false,"password":"hidden","id":3}`,
			`update user {"password":["hidden","hidden"]}`,
			`update user {"is_system_auditor":[false,true]}`,
		}},
		{"a new member", func() error {
			_, err := w.CreateUserWithRole(t.Context(), w.admin, tokencore.User{Username: "bob"}, o.ID, tokencore.RoleMember)
			return err
		}, []string{
			`create user {"username":"bob","first_name":"","last_name":"","email":"","is_superuser":false,"password":"hidden","id":4}`,
			`update user {"password":["hidden","hidden"]}`,
			`associate organization {"object1":"organization","object1_pk":2,"object2":"user","object2_pk":4,"action":"associate","relationship":"awx.main.models.rbac.Role_members"}`,
		}},
		{"fields, password and auditor: one entry each", edit(func(u *tokencore.User) {
			u.Email, u.LastName, u.PasswordHash, u.IsSystemAuditor = "a@b.c", "Other", "other", true
		}), []string{
			`update user {"last_name":["","Other"],"email":["","a@b.c"]}`,
			`update user {"password":["hidden","hidden"]}`,
			`update user {"is_system_auditor":[false,true]}`,
		}},
		{"a change of nothing", edit(func(*tokencore.User) {}), nil},
		{"a login is not a change", edit(func(u *tokencore.User) { u.LastLogin = w.now }), nil},
		{"a role", func() error { return w.GrantRole(t.Context(), w.admin, o.ID, u.ID, tokencore.RoleAdmin) }, []string{
			`associate organization {"object1":"organization","object1_pk":2,"object2":"user","object2_pk":2,"action":"associate","relationship":"awx.main.models.rbac.Role_members"}`,
		}},
		{"the same role again", func() error { return w.GrantRole(t.Context(), w.admin, o.ID, u.ID, tokencore.RoleAdmin) }, nil},
		{"taking the role", func() error { return w.RevokeRole(t.Context(), w.admin, o.ID, u.ID, tokencore.RoleAdmin) }, []string{
			`disassociate organization {"object1":"organization","object1_pk":2,"object2":"user","object2_pk":2,"action":"disassociate","relationship":"awx.main.models.rbac.Role_members"}`,
		}},
		{"taking it again", func() error { return w.RevokeRole(t.Context(), w.admin, o.ID, u.ID, tokencore.RoleAdmin) }, nil},
		{"deleting the user", func() error { return w.DeleteUser(t.Context(), w.admin, u.ID) }, []string{
			`delete user {"username":"ann","first_name":"Ann","last_name":"Other","email":"a@b.c","is_superuser":false,"password":"hidden","id":2}`,
		}},
		{"deleting the organization", func() error { return w.DeleteOrganization(t.Context(), w.admin, o.ID) }, []string{
			`delete organization {"name":"orgA","description":"","max_hosts":3,"default_environment":null,"id":2}`,
		}},
	} {
		got := w.recorded(t, func() {
			if err := step.do(); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		})
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s\n%s", step.name, diff)
		}
	}
}

func TestAUserWhoCannotHaveTheRoleIsNotCreated(t *testing.T) {
	w := newWorld(t)
	const nowhere = 99
	got := w.recorded(t, func() {
		_, err := w.CreateUserWithRole(t.Context(), w.admin, tokencore.User{Username: "ann"}, nowhere, tokencore.RoleMember)
		if !errors.Is(err, tokencore.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	})
	if _, err := w.store.UserByName(t.Context(), "ann"); !errors.Is(err, tokencore.ErrNotFound) || got != nil {
		t.Errorf("the user: %v; recorded: %q", err, got)
	}
}

// AWX deletes kind by kind: every token, then every application, then what owned them.
func TestDeletingAnOrganizationIsRecordedFromTheLeaves(t *testing.T) {
	w := newWorld(t)
	one, two := w.application(t, "one"), w.application(t, "two")
	w.issue(t, tokencore.TokenRequest{ApplicationID: two.ID})
	w.issue(t, tokencore.TokenRequest{ApplicationID: one.ID})
	before := len(w.activities(t))
	if err := w.DeleteOrganization(t.Context(), w.admin, w.org.ID); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range w.activities(t)[before:] {
		got = append(got, a.Object)
	}
	want := []string{
		tokencore.ObjectToken, tokencore.ObjectToken, tokencore.ObjectApplication, tokencore.ObjectApplication, tokencore.ObjectOrganization,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestActivityOfSettings(t *testing.T) {
	w := newWorld(t)
	for _, step := range []struct {
		name, key, value string
		want             []string
	}{
		{
			"a first value", tokencore.SettingOAuth2Provider,
			`{"ACCESS_TOKEN_EXPIRE_SECONDS":5,"AUTHORIZATION_CODE_EXPIRE_SECONDS":6,"REFRESH_TOKEN_EXPIRE_SECONDS":7}`,
			[]string{`create setting {"value":"{\"ACCESS_TOKEN_EXPIRE_SECONDS\": 5, \"AUTHORIZATION_CODE_EXPIRE_SECONDS\": 6, \"REFRESH_TOKEN_EXPIRE_SECONDS\": 7}"}`},
		},
		{
			"another: what was stored is in the order of AWX's database", tokencore.SettingOAuth2Provider,
			`{"ACCESS_TOKEN_EXPIRE_SECONDS":5}`,
			[]string{`update setting {"value":["{\"ACCESS_TOKEN_EXPIRE_SECONDS\": 5, \"REFRESH_TOKEN_EXPIRE_SECONDS\": 7, \"AUTHORIZATION_CODE_EXPIRE_SECONDS\": 6}","{\"ACCESS_TOKEN_EXPIRE_SECONDS\": 5}"]}`},
		},
		{"the same again", tokencore.SettingOAuth2Provider, `{"ACCESS_TOKEN_EXPIRE_SECONDS":5}`, nil},
		{"the default", tokencore.SettingOAuth2Provider, ``, []string{`delete setting {"value":"{\"ACCESS_TOKEN_EXPIRE_SECONDS\": 5}"}`}},
		{"the default again", tokencore.SettingOAuth2Provider, ``, nil},
		{"a truth", tokencore.SettingExternalUsers, `true`, []string{`create setting {"value":true}`}},
		{"another truth", tokencore.SettingExternalUsers, `false`, []string{`update setting {"value":[true,false]}`}},
		{"a text with separators in it", "LOGIN_REDIRECT_OVERRIDE", `"/a,b:\"c\""`, []string{`create setting {"value":"/a,b:\"c\""}`}},
		{"a list", "REMOTE_HOST_HEADERS", `["a,b:\\\"","c"]`, []string{`create setting {"value":"[\"a,b:\\\\\\\"\", \"c\"]"}`}},
		{"an object of objects", "X", `{"bb":{"dd":1,"c":[1,2]},"a":null}`, []string{`create setting {"value":"{\"bb\": {\"dd\": 1, \"c\": [1, 2]}, \"a\": null}"}`}},
		{"reset", "X", ``, []string{`delete setting {"value":"{\"a\": null, \"bb\": {\"c\": [1, 2], \"dd\": 1}}"}`}},
		{"switching the stream off", tokencore.SettingActivityStream, `false`, []string{`create setting {"value":false}`}},
		{"silence", tokencore.SettingExternalUsers, `true`, nil},
		{"switching it on", tokencore.SettingActivityStream, `true`, []string{`update setting {"value":[false,true]}`}},
	} {
		got := w.recorded(t, func() {
			values := map[string]json.RawMessage{step.key: nil}
			if step.value != "" {
				values[step.key] = json.RawMessage(step.value)
			}
			if err := w.ChangeSettings(t.Context(), w.admin, values); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		})
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s\n%s", step.name, diff)
		}
	}
}

func TestAnEntryNamesActorNodeRoleAndSetting(t *testing.T) {
	w := newWorld(t)
	w.admin.User.FirstName, w.admin.User.LastName = "Ad", "Min"
	if err := w.GrantRole(t.Context(), w.admin, w.org.ID, w.admin.User.ID, tokencore.RoleAuditor); err != nil {
		t.Fatal(err)
	}
	err := w.ChangeSettings(t.Context(), tokencore.Actor{}, map[string]json.RawMessage{tokencore.SettingBasicAuth: json.RawMessage(`false`)})
	if err != nil {
		t.Fatal(err)
	}
	entries := w.activities(t)
	grant, change := entries[len(entries)-2], entries[len(entries)-1]
	grant.Changes, change.Changes = nil, nil
	want := []tokencore.Activity{
		{
			ID: grant.ID, Time: w.now, Node: "awxgate", Operation: tokencore.OperationAssociate,
			ActorID: 1, ActorName: "admin", ActorFirstName: "Ad", ActorLastName: "Min",
			Object: tokencore.ObjectOrganization, ObjectID: w.org.ID, Object2: tokencore.ObjectUser, Object2ID: 1,
			Role: tokencore.RoleAuditor,
		},
		{
			ID: change.ID, Time: w.now, Node: "awxgate", Operation: tokencore.OperationCreate,
			Object: tokencore.ObjectSetting, Setting: tokencore.SettingBasicAuth,
		},
	}
	if diff := cmp.Diff(want, []tokencore.Activity{grant, change}); diff != "" {
		t.Error(diff)
	}
}

// The entries of a small world by what they are about, and who sees them.
func TestVisibleActivities(t *testing.T) {
	w := newWorld(t)
	people := map[string]tokencore.User{}
	for _, name := range []string{"orgadmin", "orgmember", "orgauditor", "alice", "auditor"} {
		people[name] = must(w.CreateUser(t.Context(), w.admin, tokencore.User{Username: name, IsActive: true, IsSystemAuditor: name == "auditor"}))(t)
	}
	for name, role := range map[string]tokencore.Role{
		"orgadmin": tokencore.RoleAdmin, "orgmember": tokencore.RoleMember, "orgauditor": tokencore.RoleAuditor,
	} {
		if err := w.GrantRole(t.Context(), w.admin, w.org.ID, people[name].ID, role); err != nil {
			t.Fatal(err)
		}
	}
	app := w.application(t, "app")
	ofApp := w.issue(t, tokencore.TokenRequest{UserID: people["orgmember"].ID, ApplicationID: app.ID})
	personal := w.issue(t, tokencore.TokenRequest{UserID: people["orgmember"].ID})
	gone := w.issue(t, tokencore.TokenRequest{UserID: people["orgmember"].ID})
	if err := w.RevokeToken(t.Context(), w.admin, gone.Token.ID); err != nil {
		t.Fatal(err)
	}
	err := w.ChangeSettings(t.Context(), w.admin, map[string]json.RawMessage{tokencore.SettingBasicAuth: json.RawMessage(`false`)})
	if err != nil {
		t.Fatal(err)
	}

	all := []string{"admin", "alice", "auditor", "orgadmin", "orgauditor", "orgmember"}
	everywhere := []string{"admin", "auditor"}
	for name, test := range map[string]struct {
		about tokencore.Expr
		seers []string
	}{
		"the organization":      {tokencore.And{tokencore.Eq("object", "organization"), tokencore.Eq("operation", "create")}, []string{"admin", "auditor", "orgadmin", "orgauditor"}},
		"a grant to its member": {tokencore.And{tokencore.Eq("operation", "associate"), tokencore.Eq("user", people["orgmember"].ID)}, []string{"admin", "auditor", "orgadmin", "orgauditor", "orgmember"}},
		"a grant to its admin":  {tokencore.And{tokencore.Eq("operation", "associate"), tokencore.Eq("user", people["orgadmin"].ID)}, []string{"admin", "auditor", "orgadmin", "orgauditor"}},
		"a member":              {tokencore.And{tokencore.Eq("object", "user"), tokencore.Eq("user", people["orgmember"].ID)}, []string{"admin", "auditor", "orgadmin", "orgauditor", "orgmember"}},
		"its admin":             {tokencore.And{tokencore.Eq("object", "user"), tokencore.Eq("user", people["orgadmin"].ID)}, []string{"admin", "auditor", "orgadmin"}},
		"somebody else":         {tokencore.And{tokencore.Eq("object", "user"), tokencore.Eq("user", people["alice"].ID)}, []string{"admin", "alice", "auditor"}},
		"an application":        {tokencore.Eq("application", app.ID), []string{"admin", "auditor", "orgadmin", "orgmember"}},
		"an application token":  {tokencore.Eq("token", ofApp.Token.ID), []string{"admin", "auditor", "orgadmin", "orgauditor", "orgmember"}},
		"a personal token":      {tokencore.Eq("token", personal.Token.ID), []string{"admin", "auditor", "orgmember"}},
		"a deleted token":       {tokencore.And{tokencore.Eq("object", tokencore.ObjectToken), tokencore.Eq("object_id", gone.Token.ID)}, everywhere},
		"a setting":             {tokencore.Eq("object", tokencore.ObjectSetting), everywhere},
	} {
		var seers []string
		for _, who := range all {
			user := must(w.store.UserByName(t.Context(), who))(t)
			actor := must(w.Actor(t.Context(), user, tokencore.ScopeRead))(t)
			total := must2(w.store.Activities(t.Context(), tokencore.Query{Where: test.about}))(t)
			if total == 0 {
				t.Fatalf("%s: no entries", name)
			}
			switch visible := must2(w.store.Activities(t.Context(), tokencore.Query{Where: tokencore.And{test.about, actor.VisibleActivities()}}))(t); visible {
			case 0:
			case total:
				seers = append(seers, who)
			default:
				t.Errorf("%s: %s sees %d of %d entries", name, who, visible, total)
			}
		}
		slices.Sort(seers)
		if diff := cmp.Diff(test.seers, seers); diff != "" {
			t.Errorf("who sees entries about %s\n%s", name, diff)
		}
	}
	nobody := must2(w.store.Activities(t.Context(), tokencore.Query{Where: tokencore.Actor{}.VisibleActivities()}))(t)
	if nobody != 0 {
		t.Errorf("nobody sees %d entries", nobody)
	}
}

func must2[Row any](_ []Row, count int, err error) func(*testing.T) int {
	return func(t *testing.T) int {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return count
	}
}
