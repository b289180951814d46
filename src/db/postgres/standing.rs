//! What an installation stands on: the database's encoding, the role's rights, and whether a pooler is in between.

use std::time::Duration;

use sqlx::{PgConnection, Row};
use tokio::time::timeout;

use super::connections::{Connections, Lease};

/// What the server says of the database and of the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerStanding {
    /// Such as `UTF8`.
    pub encoding: String,
    /// Who we are there.
    pub role: String,
    /// The database's name.
    pub database: String,
    /// Where new tables go; none of `search_path` may be there.
    pub schema: Option<String>,
    /// Whether we may make tables there.
    pub may_create: bool,
}

/// For the second connection, and for six short transactions.
const PATIENCE: Duration = Duration::from_secs(2);

const STANDING: &str = "SELECT current_setting('server_encoding') AS encoding,
        current_user::text AS role,
        current_database()::text AS database,
        current_schema()::text AS schema,
        COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE) AS may_create";

impl ServerStanding {
    /// Asks the server. One simple query: it leaves nothing behind at a pooler.
    ///
    /// # Errors
    /// What the server says.
    pub(in crate::db) async fn look(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let row = sqlx::raw_sql(STANDING).fetch_one(connection).await?;
        Ok(Self {
            encoding: row.try_get("encoding")?,
            role: row.try_get("role")?,
            database: row.try_get("database")?,
            schema: row.try_get("schema")?,
            may_create: row.try_get("may_create")?,
        })
    }

    /// Names and addresses are of any language.
    pub(in crate::db) fn is_utf8(&self) -> bool {
        self.encoding == "UTF8"
    }

    /// What an administrator runs, so that we may make our tables.
    pub(in crate::db) fn grant(&self) -> String {
        let (schema, role) = (quoted(self.schema.as_deref().unwrap_or("public")), quoted(&self.role));
        format!("GRANT USAGE, CREATE ON SCHEMA {schema} TO {role};")
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Whether the transactions of one connection are given different connections of the server, as `PgBouncer` does with
/// `pool_mode = transaction`. Two connections begin and end in different orders, so that it shows whether the pooler lends
/// what it got last or what it got first. Where a second one is not to be had, it does not show.
///
/// # Errors
/// What the server says.
pub(in crate::db) async fn is_pooled_by_transaction(
    connections: &Connections,
    mut one: Lease,
) -> Result<bool, sqlx::Error> {
    let Ok(Ok(mut two)) = timeout(PATIENCE, connections.lend()).await else {
        return Ok(false);
    };
    let Ok(backends) = timeout(PATIENCE, three_rounds(&mut one, &mut two)).await else {
        // The pooler has one connection for both.
        one.abandon();
        two.abandon();
        return Ok(false);
    };
    let [first, again, other_order] = backends?;
    Ok(again != first || other_order != first)
}

async fn three_rounds(one: &mut Lease, two: &mut Lease) -> Result<[(i32, i32); 3], sqlx::Error> {
    let first = (backend(one).await?, backend(two).await?);
    end(one, two).await?;
    let again = (backend(one).await?, backend(two).await?);
    end(one, two).await?;
    let of_two = backend(two).await?;
    let other_order = (backend(one).await?, of_two);
    end(one, two).await?;
    Ok([first, again, other_order])
}

/// Begins a transaction and says who serves it.
async fn backend(lease: &mut Lease) -> Result<i32, sqlx::Error> {
    let row = sqlx::raw_sql("BEGIN; SELECT pg_backend_pid()")
        .fetch_one(&mut **lease)
        .await?;
    row.try_get(0)
}

async fn end(one: &mut Lease, two: &mut Lease) -> Result<(), sqlx::Error> {
    for lease in [one, two] {
        sqlx::raw_sql("COMMIT").execute(&mut **lease).await?;
    }
    Ok(())
}
