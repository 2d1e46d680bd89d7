package awxapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/awxgate/awxgate/tokencore"
)

// AWX's lengths.
const (
	maxUsername = 150
	maxName     = 150
	maxEmail    = 254
)

const (
	textUsernameTaken = "A user with that username already exists."
	textUsername      = "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."
	textEmail         = "Enter a valid email address."
	textPassword      = "Password required for new User."
)

var (
	usernameShape = regexp.MustCompile(`^[\p{L}\p{N}_.@+-]+$`)
	// emailShape is Django's EmailValidator without its quoted names and address literals.
	emailShape = regexp.MustCompile("^[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+(?:\\.[-!#$%&'*+/=?^_`{}|~0-9A-Za-z]+)*@" +
		`(?:(?i:localhost)|(?:[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.)+[0-9A-Za-z-]{1,62}[0-9A-Za-z])$`)
)

// userFields are the fields of a body that may change a user; nil: not given.
type userFields struct {
	username, firstName, lastName, email *string
	isSuperuser, isSystemAuditor         *bool
	password                             *tokencore.Secret // zero: AWX's "$encrypted$", which changes nothing
}

// readUser validates the fields of a user: of a new one if id is 0. Only a partial
// body may do without the username.
func (a *API) readUser(r *request, in object, id int64, partial bool) (userFields, error) {
	f := newForm(in)
	fields := userFields{
		username:        a.readUsername(r.Context(), f, id, !partial),
		firstName:       ifGiven(f.text("first_name", textRule{max: maxName})),
		lastName:        ifGiven(f.text("last_name", textRule{max: maxName})),
		email:           readEmail(f),
		isSuperuser:     ifGiven(f.boolean("is_superuser")),
		isSystemAuditor: ifGiven(f.boolean("is_system_auditor")),
		password:        a.readPassword(r.Context(), f, id == 0),
	}
	return fields, f.problem()
}

// ifGiven is a pointer to a value that is there.
func ifGiven[T any](value T, there bool) *T {
	if !there {
		return nil
	}
	return &value
}

func (a *API) readUsername(ctx context.Context, f *form, id int64, required bool) *string {
	name, there := f.text("username", textRule{required: required, notNull: true, notBlank: true, max: maxUsername})
	if !there {
		return nil
	}
	var faults []string
	if !usernameShape.MatchString(name) {
		faults = append(faults, textUsername)
	}
	switch other, err := a.svc.Store().UserByName(ctx, name); {
	case err == nil && other.ID != id:
		faults = append(faults, textUsernameTaken)
	case err != nil && !errors.Is(err, tokencore.ErrNotFound) && f.failed == nil:
		f.failed = tokencore.Unavailable("looking for a user of the same name", err)
	}
	if faults != nil {
		f.errors.add("username", faults...)
		return nil
	}
	return &name
}

func readEmail(f *form) *string {
	email, there := f.text("email", textRule{max: maxEmail})
	if !there {
		return nil
	}
	if email != "" && !emailShape.MatchString(email) {
		f.errors.add("email", textEmail)
		return nil
	}
	return &email
}

func (a *API) readPassword(ctx context.Context, f *form, needed bool) *tokencore.Secret {
	if _, sent := f.in["password"]; !sent {
		if needed {
			f.errors.add("password", textPassword)
		}
		return nil
	}
	text, there := f.text("password", textRule{notNull: true, notBlank: true})
	switch {
	case !there:
		return nil
	case text == encrypted:
		return new(tokencore.Secret)
	}
	fault, err := a.passwordFault(ctx, text)
	switch {
	case err != nil && f.failed == nil:
		f.failed = err
	case fault != "":
		f.errors.add("password", fault)
	}
	password := tokencore.NewSecret(text)
	return &password
}

// passwordRules are the settings about passwords, in the order in which AWX looks.
var passwordRules = []struct {
	setting string
	counts  func(c rune) bool
	text    string
}{
	{"LOCAL_PASSWORD_MIN_LENGTH", func(rune) bool { return true }, "Password must be at least %d characters long."},
	{"LOCAL_PASSWORD_MIN_DIGITS", unicode.IsDigit, "Password must contain at least %d digits."},
	{"LOCAL_PASSWORD_MIN_UPPER", unicode.IsUpper, "Password must contain at least %d uppercase characters."},
	{"LOCAL_PASSWORD_MIN_SPECIAL", isSpecial, "Password must contain at least %d special characters."},
}

func isSpecial(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsNumber(c) }

// passwordFault names the first rule that the password breaks.
func (a *API) passwordFault(ctx context.Context, password string) (string, error) {
	stored, err := a.svc.Store().StoredSettings(ctx)
	if err != nil {
		return "", tokencore.Unavailable("reading settings", err)
	}
	for _, rule := range passwordRules {
		raw, changed := stored[rule.setting]
		if !changed {
			continue
		}
		// More than int64 holds is more than any password has.
		least := int64(utf8.RuneCountInString(password)) + 1
		_ = json.Unmarshal(raw, &least)
		count := int64(0)
		for _, c := range password {
			if rule.counts(c) {
				count++
			}
		}
		if count < least {
			return fmt.Sprintf(rule.text, least), nil
		}
	}
	return "", nil
}
