//! The rare texts in which the two databases must differ, each under a name that says why.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::{Conn, micros};

/// A claim must not wait for rows that another copy of the program has just claimed. SQLite has one
/// writer, so nobody else can hold a row.
#[must_use]
pub(crate) fn skip_locked(conn: &Conn) -> &'static str {
    if conn.is_sqlite() {
        ""
    } else {
        " FOR UPDATE SKIP LOCKED"
    }
}

/// A row is held until the transaction ends, so that what is decided on it is still true when it is written. SQLite has
/// one writer.
#[must_use]
pub(crate) fn for_update(conn: &Conn) -> &'static str {
    if conn.is_sqlite() { "" } else { " FOR UPDATE" }
}

/// A row that is only pointed at waits for whoever holds it [`for_update`], is judged anew then, and lets others point
/// at it. PostgreSQL does so anyway to check the foreign key, but without judging it anew. SQLite has one writer.
#[must_use]
pub(crate) fn for_key_share(conn: &Conn) -> &'static str {
    if conn.is_sqlite() { "" } else { " FOR KEY SHARE OF s" }
}

/// The clock of leases, in microseconds: the database's own where several copies of the program share it, otherwise the
/// bound one.
#[must_use]
pub(crate) fn lease_clock(conn: &Conn, bound: &'static str) -> &'static str {
    if conn.is_sqlite() {
        bound
    } else {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
    }
}

/// What was made before this moment, in microseconds, has no row before it that is not committed yet. On PostgreSQL the
/// ids of rows are drawn before they are committed; SQLite has one writer.
#[must_use]
pub(crate) fn settled_before(conn: &Conn, now: Timestamp) -> i64 {
    const LONGEST_JOB: SignedDuration = SignedDuration::from_secs(60);
    if conn.is_sqlite() {
        i64::MAX
    } else {
        micros(now.saturating_sub(LONGEST_JOB).unwrap_or(now))
    }
}

/// A column that is compared without its index, where that would lead away from the order of a list. PostgreSQL knows by
/// itself what is rare.
#[must_use]
pub(crate) fn without_index(conn: &Conn, column: &str) -> String {
    if conn.is_sqlite() {
        format!("+{column}")
    } else {
        column.to_owned()
    }
}

/// All values of a group in one text, with "; " between them, in an order.
#[must_use]
pub(crate) fn joined(conn: &Conn, value: &str, order: &str) -> String {
    let function = if conn.is_sqlite() { "group_concat" } else { "string_agg" };
    format!("{function}({value}, '; ' ORDER BY {order})")
}

/// The function that makes an array of JSON of its arguments.
#[must_use]
pub(crate) fn json_array(conn: &Conn) -> &'static str {
    if conn.is_sqlite() {
        "json_array"
    } else {
        "json_build_array"
    }
}

/// Bytes as hexadecimal digits.
#[must_use]
pub(crate) fn hex(conn: &Conn, bytes: &str) -> String {
    if conn.is_sqlite() {
        format!("hex({bytes})")
    } else {
        format!("encode({bytes}, 'hex')")
    }
}

/// For the id after which a page of the newest rows starts, where it starts with the newest: no row has it. Written so that
/// the database goes to the row instead of reading all before it.
pub(crate) const NEWEST: &str = "9223372036854775807";

/// The largest power of two that is not above `count`, which is not 0: so many rows stand in one statement, so that few
/// statements have to be prepared.
#[must_use]
pub(crate) fn power_of_two(count: usize) -> usize {
    (count / 2 + 1).next_power_of_two()
}

/// `$1, $2, …`: as many placeholders as there are values.
#[must_use]
pub(crate) fn placeholders(count: usize) -> String {
    let all: Vec<String> = (1..=count).map(|n| format!("${n}")).collect();
    all.join(", ")
}

/// `($4, $5), ($6, $7), …`: the rows of a VALUES, whose placeholders begin after those before it.
#[must_use]
pub(crate) fn rows(count: usize, columns: usize, before: usize) -> String {
    let mut text = String::with_capacity(count * columns * 6);
    let mut number = before;
    for row in 0..count {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            number += 1;
            let _ = write!(text, "{}${number}", if column == 0 { "" } else { ", " });
        }
        text.push(')');
    }
    text
}

/// The pattern of a LIKE … ESCAPE '!' that finds these words anywhere in a text in lower case.
#[must_use]
pub(crate) fn containing(words: &str) -> String {
    let mut pattern = String::from("%");
    for letter in words.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter.to_ascii_lowercase());
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_looked_for_as_they_are() {
        assert_eq!(containing("100% Relay_x!"), "%100!% relay!_x!!%");
    }

    #[test]
    fn statements_have_a_power_of_two_of_rows() {
        let rows: Vec<usize> = (1..=9).map(power_of_two).collect();
        assert_eq!(rows, [1, 2, 2, 4, 4, 4, 4, 8, 8]);
        assert_eq!((power_of_two(31), power_of_two(32), power_of_two(100)), (16, 32, 64));
    }

    #[test]
    fn rows_go_on_counting() {
        assert_eq!(rows(2, 3, 1), "($2, $3, $4), ($5, $6, $7)");
    }
}
