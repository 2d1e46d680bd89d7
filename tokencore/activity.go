package tokencore

import (
	"encoding/json"
	"time"
)

// The operations and object types of activity entries, in AWX's words.
const (
	OperationCreate       = "create"
	OperationUpdate       = "update"
	OperationDelete       = "delete"
	OperationAssociate    = "associate"
	OperationDisassociate = "disassociate"

	ObjectApplication  = "o_auth2_application"
	ObjectToken        = "o_auth2_access_token"
	ObjectUser         = "user"
	ObjectOrganization = "organization"
	ObjectSetting      = "setting"
)

// Activity is one entry of the activity stream. It is written in the transaction
// of the change it describes. Changes never holds a credential.
type Activity struct {
	ID        int64
	Time      time.Time
	Operation string
	Node      string // on which the change was made

	ActorID int64 // 0: nobody (token endpoint, command line)
	// The actor's names are kept so that a deleted one can still be named.
	ActorName, ActorFirstName, ActorLastName string

	Object    string // one of the Object constants
	ObjectID  int64
	Object2   string // second object of an association; usually empty
	Object2ID int64
	Role      Role   // that an association gives or takes; usually empty
	Setting   string // key of the setting that was changed; usually empty

	Changes json.RawMessage
}
