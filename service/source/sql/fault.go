package sql

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	mssql "github.com/microsoft/go-mssqldb"
	"modernc.org/sqlite"

	"sallyport/service/source"
)

// faultOf tells why a question came to no answer, by the number that the database
// gives the error and never by its words.
func (d *database) faultOf(ctx context.Context, err error) *source.Fault {
	var known *source.Fault
	switch {
	case errors.As(err, &known):
		return known
	case ctx.Err() != nil:
		return source.FaultOf(ctx, ctx.Err())
	case d.left.Load() <= 0 && d.place.file == "":
		return &source.Fault{Reason: source.TooLarge, What: "the answer is longer than is read"}
	case errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return &source.Fault{Reason: source.Unreachable, What: "the connection broke"}
	}
	if number, reason, is := d.dialect.numbers(err); is {
		return &source.Fault{Reason: reason, What: meaning(reason) + ", error " + number}
	}
	return source.FaultOf(ctx, err)
}

func meaning(r source.Reason) string {
	switch r {
	case source.BadClient:
		return "the database does not let the account ask"
	case source.NotConfigured:
		return "the database does not understand a statement or a value"
	case source.Timeout:
		return "the database took too long"
	}
	return "the database says that it is out of order"
}

// postgresError reads SQLSTATE (its Appendix A).
func postgresError(err error) (string, source.Reason, bool) {
	var e *pgconn.PgError
	if !errors.As(err, &e) || len(e.Code) != 5 {
		return "", "", false
	}
	switch class := e.Code[:2]; {
	case class == "28", e.Code == "42501", class == "3D":
		return e.Code, source.BadClient, true
	case e.Code == "57014":
		return e.Code, source.Timeout, true
	case class == "42", class == "22", class == "25", class == "0A":
		return e.Code, source.NotConfigured, true
	}
	return e.Code, source.Broken, true
}

func mysqlError(err error) (string, source.Reason, bool) {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return "", "", false
	}
	number := strconv.Itoa(int(e.Number))
	switch e.Number {
	case 1044, 1045, 1049, 1142, 1143, 1227, 1698, 1820, 1862:
		return number, source.BadClient, true
	case 1969, 3024, 1317:
		return number, source.Timeout, true
	case 1054, 1060, 1064, 1109, 1146, 1210, 1243, 1292, 1305, 1366, 1792:
		return number, source.NotConfigured, true
	}
	return number, source.Broken, true
}

func sqlServerError(err error) (string, source.Reason, bool) {
	var e mssql.Error
	if !errors.As(err, &e) {
		return "", "", false
	}
	number := strconv.Itoa(int(e.Number))
	switch e.Number {
	case 229, 230, 4060, 18456, 18470, 18486, 18487, 18488:
		return number, source.BadClient, true
	case 102, 107, 156, 170, 207, 208, 241, 245, 8114, 8115:
		return number, source.NotConfigured, true
	}
	return number, source.Broken, true
}

// sqliteError reads the primary result code.
func sqliteError(err error) (string, source.Reason, bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return "", "", false
	}
	number := strconv.Itoa(e.Code())
	switch e.Code() & 0xff {
	case 9: // interrupted
		return number, source.Timeout, true
	case 1, 8, 20, 21, 23, 25:
		return number, source.NotConfigured, true
	}
	return number, source.Broken, true
}
