package awxapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// settingKind reads a value of a request. It returns either what is to be stored,
// nil to leave the setting as it is; or, as refusal, what AWX shows under the key: a
// list of sentences, or an object of such lists.
type settingKind func(value any) (stored json.RawMessage, refusal any)

func refuse(text string) (json.RawMessage, any) { return nil, []string{text} }

// encoded is JSON of a value that always has one.
func encoded(value any) json.RawMessage {
	text, err := encodeJSON(value)
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

// truth is a boolean field. Unlike the fields of form it has no room for null.
func truth(value any) (json.RawMessage, any) {
	if value == nil {
		return refuse(textNull)
	}
	f := newForm(object{"": value})
	b, ok := f.boolean("")
	if !ok || value == "" {
		return refuse(textBoolean)
	}
	return encoded(b), nil
}

// words is a text field, which may be blank.
func words(value any) (json.RawMessage, any) {
	switch value := value.(type) {
	case nil:
		return refuse(textNull)
	case string, number:
		text := strings.TrimSpace(asText(value))
		if faults := textFaults(text, 0); len(faults) > 0 {
			return nil, faults
		}
		return encoded(text), nil
	default:
		return refuse(textNotString)
	}
}

// wordList is a list of texts, none of them blank.
func wordList(value any) (json.RawMessage, any) {
	if value == nil {
		return refuse(textNull)
	}
	items, ok := value.([]any)
	if !ok {
		return refuse(fmt.Sprintf("Expected a list of items but got type %q.", typeName(value)))
	}
	list := make([]json.RawMessage, len(items))
	var refusals members
	for i, item := range items {
		text, refusal := words(item)
		if refusal == nil && string(text) == `""` {
			refusal = []string{textBlank}
		}
		if refusal != nil {
			refusals = append(refusals, member{strconv.Itoa(i), refusal})
		}
		list[i] = text
	}
	if refusals != nil {
		return nil, refusals
	}
	return encoded(list), nil
}

// oneOf is a choice between words.
func oneOf(choices ...string) settingKind {
	return func(value any) (json.RawMessage, any) {
		if value == nil {
			return refuse(textNull)
		}
		if word := asText(value); !slices.Contains(choices, word) {
			return refuse(fmt.Sprintf("\"%s\" is not a valid choice.", printable(word)))
		}
		return encoded(asText(value)), nil
	}
}

// webAddress is a URL of http or https whose host may be a plain name.
func webAddress(value any) (json.RawMessage, any) {
	text, refusal := words(value)
	if refusal != nil {
		return nil, refusal
	}
	address := strings.TrimSpace(asText(value))
	if address == "" {
		return refuse(textBlank)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.ContainsAny(address, " \t\r\n<>\"") {
		return refuse("Enter a valid URL") // without a full stop, unlike all others
	}
	return text, nil
}

// integerFrom and integerBetween are whole numbers of any size.
func integerFrom(least int64) settingKind { return wholeNumber(big.NewInt(least), nil) }

func integerBetween(least, most int64) settingKind {
	return wholeNumber(big.NewInt(least), big.NewInt(most))
}

func wholeNumber(least, most *big.Int) settingKind {
	return func(value any) (json.RawMessage, any) {
		if value == nil {
			return refuse(textNull)
		}
		n, ok := wholeNumberOf(value)
		switch {
		case !ok:
			return refuse("A valid integer is required.")
		case n.Cmp(least) < 0:
			return refuse(fmt.Sprintf("Ensure this value is greater than or equal to %s.", least))
		case most != nil && n.Cmp(most) > 0:
			return refuse(fmt.Sprintf("Ensure this value is less than or equal to %s.", most))
		default:
			return json.RawMessage(n.String()), nil
		}
	}
}

// wholeText is what Django REST framework takes for an integer: digits, and a
// fraction of zeros, which it cuts off.
var wholeText = regexp.MustCompile(`^\s*([+-]?[0-9]{1,1000})(?:\.0*)?\s*$`)

func wholeNumberOf(value any) (*big.Int, bool) {
	switch value.(type) {
	case string, number:
	default:
		return nil, false
	}
	m := wholeText.FindStringSubmatch(asText(value))
	if m == nil {
		return nil, false
	}
	return new(big.Int).SetString(m[1], 10)
}

// lifetimeKeys are the keys of OAUTH2_PROVIDER, sorted.
var lifetimeKeys = []string{"ACCESS_TOKEN_EXPIRE_SECONDS", "AUTHORIZATION_CODE_EXPIRE_SECONDS", "REFRESH_TOKEN_EXPIRE_SECONDS"}

// lifetimes is OAUTH2_PROVIDER. As in AWX the object is stored as sent, even
// incomplete; tokencore.ParseSettings fills in what is missing. Values are judged
// before names.
func lifetimes(value any) (json.RawMessage, any) {
	if value == nil {
		return refuse(textNull)
	}
	dictionary, ok := value.(object)
	if !ok {
		return refuse(fmt.Sprintf("Expected a dictionary of items but got type %q.", typeName(value)))
	}
	seconds := integerFrom(1)
	var accepted, refusals members
	var unknown []string
	for _, key := range slices.Sorted(maps.Keys(dictionary)) {
		number, refusal := seconds(dictionary[key])
		switch {
		case refusal != nil:
			refusals = append(refusals, member{printable(key), refusal})
		case !slices.Contains(lifetimeKeys, key):
			unknown = append(unknown, printable(key))
		default:
			accepted = append(accepted, member{key, number})
		}
	}
	switch {
	case refusals != nil:
		return nil, refusals
	case unknown != nil:
		return refuse("Invalid key names: " + strings.Join(unknown, ", "))
	default:
		return encoded(accepted), nil
	}
}

// foreignSecret is a password for some service that AWX talks to and this program
// does not. AWX would encrypt it; a key for that is one more thing to lose, so a new
// value is refused. What an unchanged form sends back passes.
func foreignSecret(value any) (json.RawMessage, any) {
	switch value {
	case "":
		return json.RawMessage(`""`), nil
	case encrypted:
		return nil, nil
	case nil:
		return refuse(textNull)
	default:
		return refuse("This secret cannot be kept here. Set it in AWX.")
	}
}

// socialLogin is a rule for logins that do not exist here.
func socialLogin(value any) (json.RawMessage, any) {
	if value != nil {
		return refuse("There are no social logins here. Set this in AWX.")
	}
	return json.RawMessage("null"), nil
}

// absentObject refers to a row of a kind that does not exist here.
func absentObject(value any) (json.RawMessage, any) {
	if value != nil && value != "" {
		return refuse(fmt.Sprintf("Invalid pk \"%s\" - object does not exist.", printable(asText(value))))
	}
	return json.RawMessage("null"), nil
}
