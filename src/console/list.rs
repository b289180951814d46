//! Lists a page at a time, and the ids that stand in their addresses. A page starts after a row, not at a number: what
//! comes meanwhile moves nothing.

use crate::db::DbError;
use crate::values::PublicId;
use crate::web::WebError;

/// Rows on one page of a list.
const PAGE: usize = 50;
/// What is read of a list: a page, and one row to see whether there are more.
pub(crate) const READ: i64 = 51;

/// Cuts off the row that was read to see whether there are more. Where there are, gives the last row of the page: the
/// next page starts after it.
pub(crate) fn cut<R>(rows: &mut Vec<R>) -> Option<&R> {
    if rows.len() <= PAGE {
        return None;
    }
    rows.truncate(PAGE);
    rows.last()
}

/// The address of the next page: the list's own address, its filters, and the row that it starts after.
#[must_use]
pub(crate) fn next_page(path: &str, filters: &[(&str, &str)], after: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(filters)
        .append_pair("after", after)
        .finish();
    format!("{path}?{query}")
}

/// A public id out of an address.
///
/// # Errors
/// 404 for what is none.
pub(crate) fn id(raw: &str) -> Result<PublicId, WebError> {
    PublicId::parse(raw).ok_or(WebError::NotFound)
}

/// A public id out of a row.
///
/// # Errors
/// When the row was not written by this program.
pub(crate) fn shown_id(bytes: &[u8]) -> Result<String, DbError> {
    let id = PublicId::from_slice(bytes).ok_or_else(|| DbError::stored("a public id has 16 bytes"))?;
    Ok(id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_the_row_that_the_next_one_starts_after() {
        let mut rows: Vec<i32> = (0..51).collect();
        assert_eq!(cut(&mut rows), Some(&49));
        assert_eq!(rows.len(), 50);
        assert_eq!(cut(&mut rows), None, "a full page alone is the last one");
        assert_eq!(
            next_page("/organizer/outbox", &[("state", "failed")], "a:b"),
            "/organizer/outbox?state=failed&after=a%3Ab"
        );
    }
}
