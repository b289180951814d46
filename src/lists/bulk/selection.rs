//! Which rows of a list something is done to: those that were ticked, or all that matched when the page was drawn.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::console::list;
use crate::db::listing::{ListCondition, ListOrder, Listing};
use crate::db::{Conn, DbError};
use crate::lists::{ListPlace, ListQuery};
use crate::values::PublicId;
use crate::web::{Form, WebError};

/// A checkbox of a row: its value is the row's id.
pub(crate) const ROW: &str = "row";
/// Ticked: all that match.
pub(crate) const ALL: &str = "all";

/// Them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Selection {
    /// Rows by their ids.
    Rows(Vec<String>),
    /// All that match an address, of those that were there at a moment in microseconds.
    Matching { address: String, as_of: i64 },
}

impl Selection {
    /// As the form says it. `None`: nobody was chosen.
    pub(crate) fn read(place: &ListPlace, form: &Form) -> Result<Option<Self>, WebError> {
        if form.is_checked(ALL) {
            let address = form.text("query").to_owned();
            ListQuery::of_address(place.clone(), &address)?;
            let as_of = form.text("as_of").parse().map_err(|_| WebError::NotFound)?;
            return Ok(Some(Self::Matching { address, as_of }));
        }
        let rows: Vec<String> = form
            .all(ROW)
            .map(|raw| list::id(raw).map(|id| id.to_string()))
            .collect::<Result<_, _>>()?;
        Ok((!rows.is_empty()).then_some(Self::Rows(rows)))
    }

    /// The rows, in the order in which they came.
    pub(crate) async fn listing(
        &self,
        conn: &mut Conn,
        place: &ListPlace,
        now: Timestamp,
    ) -> Result<Option<Listing>, DbError> {
        let address = match self {
            Self::Rows(_) => "",
            Self::Matching { address, .. } => address,
        };
        let query = ListQuery::of_address(place.clone(), address)
            .map_err(|_| DbError::stored("a selection that was read before"))?;
        let Some(mut listing) = query.listing(conn, now).await? else {
            return Ok(None);
        };
        listing.order = ListOrder::Oldest;
        let condition = match self {
            Self::Rows(rows) => {
                let names: Vec<PublicId> = rows.iter().filter_map(|row| PublicId::parse(row)).collect();
                ListCondition::named(listing.of, &names)
            }
            Self::Matching { as_of, .. } => ListCondition::made_until(listing.of, *as_of),
        };
        listing.conditions.push(condition);
        Ok(Some(listing))
    }
}
