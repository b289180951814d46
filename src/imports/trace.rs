//! What imports keep that may be somebody's.

use super::store;
use crate::contacts::Trace;
use crate::contacts::words::fold;

/// It. What was sent and is not put in yet may hold anybody.
pub(crate) const TRACES: [Trace; 5] = [
    Trace::derived("import_made"),
    Trace::derived("attendance_aliases"),
    Trace::of_address("attendance_unmatched", "email_key", |tx, person, _| {
        Box::pin(async move {
            let name = person.name.as_deref().map(fold).unwrap_or_default();
            store::forget_unmatched_of(tx, &person.address_key, &name).await
        })
    })
    .joined_by(|tx, people, _| Box::pin(store::pass_on_unmatched(tx, &people.from_key, &people.into_email))),
    Trace::of_anybody("import_parts", |tx, _, _| Box::pin(store::empty_parts(tx))),
    Trace::of_anybody("import_rows", |tx, _, _| Box::pin(store::empty_rows(tx))),
];
