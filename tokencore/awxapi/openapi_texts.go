package awxapi

import "github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"

const (
	aboutSummary = "OAuth 2 applications and tokens as AWX 24.6.1 had them."
	aboutText    = `Applications, access tokens, and the users, organizations and settings that belong to them, with AWX 24.6.1's paths, fields and errors.

Every path also answers OPTIONS with what may be done there and with which fields; HEAD goes wherever GET does. A slash missing at the end is forgiven. Bodies are JSON objects unless said otherwise; unknown and read-only members are ignored. Answers are JSON: an Accept header that excludes it is answered with 406, a method that a path does not have with 405.

URLs in answers are paths of this server. Times are UTC. A token expires in a thousand years unless the settings say otherwise.`
)

// explain adds to the schemas of answers what their types cannot say: the help texts
// that OPTIONS shows, and which words a field may hold.
func explain(schemas map[string]*openapi.Schema) {
	for name, object := range map[string]*objectInfo{
		"Application": applicationInfo, "Token": tokenInfo, "User": userInfo, "Organization": organizationInfo,
		"Activity": activityInfo,
	} {
		schema, made := schemas[name]
		if !made {
			continue
		}
		for _, f := range object.fields {
			property := schema.Properties.Get(f.name)
			property.Description = f.helpText(object)
			for _, choice := range f.choices {
				property.Enum = append(property.Enum, choice[0])
			}
		}
	}
	for name, text := range schemaTexts {
		if schema, made := schemas[name]; made {
			schema.Description = text
		}
	}
	for name, properties := range propertyTexts {
		if schema, made := schemas[name]; made {
			for property, text := range properties {
				schema.Properties.Get(property).Description = text
			}
		}
	}
}

// schemaTexts say what a schema is for, where its name does not.
var schemaTexts = map[string]string{
	"Message":        "An error that is not about fields.",
	"Capabilities":   "What you may do with the object.",
	"Resource":       "The identity that an account keeps across services.",
	"GrantAnswer":    "RFC 6749, section 5.1.",
	"GrantError":     "RFC 6749, section 5.2.",
	"LicenseInfo":    "There is no license; clients of AWX look for one.",
	"ObjectRole":     "A role that users can hold. Only admin, auditor and member decide about anything here.",
	"TokenSummaries": "How many tokens the application has, and the first of them.",
}

// propertyTexts explain what the tables of fields do not.
var propertyTexts = map[string]map[string]string{
	"Token": {
		"token":         "In clear only in the answer that creates the token, otherwise asterisks.",
		"refresh_token": "In clear only in the answer that creates the token. Personal tokens have none.",
		"application":   "The application that the token belongs to; null for a personal one.",
		"expires":       "From when on the token is not accepted any more.",
	},
	"User": {
		"password": "Stands for the password, which is never shown. Users of an external provider have none.",
	},
	"GrantAnswer": {
		"expires_in": "Seconds; more than 32 bits hold.",
	},
}
