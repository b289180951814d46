//! What lists keep that may hold anybody: files, and acts on many rows. Whoever is erased, all of it goes.

use super::{bulk, files};
use crate::contacts::Trace;

/// It.
pub(crate) const TRACES: [Trace; 2] = [
    Trace::of_anybody("export_files", |tx, _, _| Box::pin(files::store::forget_all(tx))),
    Trace::of_anybody("bulk_acts", |tx, _, _| Box::pin(bulk::store::forget_ended(tx))),
];
