//! The mark of the house as a chart: two circles that share as much of each as the index says.

use std::f64::consts::PI;

/// Radius of both circles.
const RADIUS: f64 = 56.0;
/// Where both are centred: room for two that only touch, and for the marks at their ends.
const CENTRE: f64 = 124.0;
/// Halvings of the search: far beyond what a screen can show.
const STEPS: usize = 40;

/// Two circles in a frame 248 wide and 124 high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Overlap {
    /// The shared part, in percent of each circle.
    pub index: i64,
    pub radius: f64,
    /// Centre of our circle.
    pub us: f64,
    /// Centre of the partner's.
    pub partner: f64,
    /// The outer end of ours, where its mark sits.
    pub us_end: f64,
    /// The outer end of the partner's.
    pub partner_end: f64,
    /// Where the circles cross, above and below the middle; `None` where they share nothing.
    pub crossing: Option<Crossing>,
}

/// The two tips of the shared part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Crossing {
    pub x: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Overlap {
    /// Of an index from 0 to 100.
    #[must_use]
    pub(crate) fn new(index: i64) -> Self {
        let share = super::place(index) / 100.0;
        let distance = distance_for(share);
        let height = (RADIUS * RADIUS - distance * distance / 4.0).max(0.0).sqrt();
        let (us, partner) = (CENTRE - distance / 2.0, CENTRE + distance / 2.0);
        Self {
            index,
            radius: RADIUS,
            us: tenths(us),
            partner: tenths(partner),
            us_end: tenths(us - RADIUS),
            partner_end: tenths(partner + RADIUS),
            crossing: (share > 0.0).then(|| Crossing {
                x: CENTRE,
                top: tenths(CENTRE / 2.0 - height),
                bottom: tenths(CENTRE / 2.0 + height),
            }),
        }
    }
}

/// How far apart the centres are, so that the circles share this part of each.
fn distance_for(share: f64) -> f64 {
    let (mut near, mut far) = (0.0, 2.0 * RADIUS);
    for _ in 0..STEPS {
        let distance = f64::midpoint(near, far);
        if shared_part(distance) > share {
            near = distance;
        } else {
            far = distance;
        }
    }
    f64::midpoint(near, far)
}

/// The part of each circle that both share, from 0 to 1.
fn shared_part(distance: f64) -> f64 {
    let half = (distance / (2.0 * RADIUS)).clamp(0.0, 1.0);
    2.0 * (half.acos() - half * (1.0 - half * half).sqrt()) / PI
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_share_what_the_index_says() {
        for index in [1, 10, 57, 75, 99] {
            let overlap = Overlap::new(index);
            let shared = 100.0 * shared_part(overlap.partner - overlap.us);
            assert!((shared - super::super::place(index)).abs() < 0.2, "{index}: {shared}");
            assert!((overlap.us + overlap.partner - 2.0 * CENTRE).abs() < 0.11);
        }
    }

    #[test]
    fn nothing_shared_touches_and_everything_shared_is_one_circle() {
        let nothing = Overlap::new(0);
        assert!((nothing.partner - nothing.us - 2.0 * RADIUS).abs() < 0.2);
        assert_eq!(nothing.crossing, None);
        let everything = Overlap::new(100);
        assert!((everything.partner - everything.us).abs() < 0.2);
    }
}
