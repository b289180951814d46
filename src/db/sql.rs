//! The rare texts in which the two databases must differ, each under a name that says why.

use super::Conn;

/// A claim must not wait for rows that another copy of the program has just claimed. SQLite has one
/// writer, so nobody else can hold a row.
#[must_use]
pub fn skip_locked(conn: &Conn) -> &'static str {
    if conn.is_sqlite() {
        ""
    } else {
        " FOR UPDATE SKIP LOCKED"
    }
}

/// `$1, $2, …`: as many placeholders as there are values.
#[must_use]
pub fn placeholders(count: usize) -> String {
    let all: Vec<String> = (1..=count).map(|n| format!("${n}")).collect();
    all.join(", ")
}
