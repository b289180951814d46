//! What changes assessments, at the write door, and what runs by itself.

pub(crate) mod answering;
pub mod averages;
pub mod benchmark;
pub(crate) mod comparing;
pub mod expiring;
pub(crate) mod keeping;
pub(crate) mod rounds;
mod taking_up;

use std::time::Duration;

use crate::contacts::Traces;
use crate::schedule::Work;
use crate::web::AppState;

pub use taking_up::TakenUp;

const HOURLY: Duration = Duration::from_hours(1);
const NIGHTLY: Duration = Duration::from_hours(24);

/// What comes again by itself: retention periods, the nightly benchmark, and the organizers' averages.
#[must_use]
pub fn recurring(state: &AppState, traces: &Traces) -> Vec<Work> {
    let (expiring, averages, benchmark) = (state.clone(), state.clone(), state.clone());
    let traces = traces.clone();
    vec![
        Work::every("assessment_expire", HOURLY, move || {
            let (state, traces) = (expiring.clone(), traces.clone());
            Box::pin(async move {
                expiring::expire(&state.db, &traces, state.clock.now()).await?;
                Ok(())
            })
        }),
        Work::every("assessment_averages", HOURLY, move || {
            let state = averages.clone();
            Box::pin(async move { averages::rebuild_if_due(&state.db, state.clock.now()).await })
        }),
        Work::every("assessment_benchmark", NIGHTLY, move || {
            let state = benchmark.clone();
            Box::pin(async move {
                let results = benchmark::rebuild(&state.db, state.clock.now()).await?;
                tracing::info!(results, "the benchmark was counted anew");
                Ok(())
            })
        }),
    ]
}
