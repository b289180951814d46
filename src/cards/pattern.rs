//! Patterns of the two circles: what stands on a page or a card where a firm has no picture. Here is where the circles are;
//! pages draw them as SVG, cards as pixels.

use std::f32::consts::{PI, TAU};

use super::SIZE;
use super::picture::{Circle, pixels};

/// A pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// The mark alone.
    Pair,
    /// Pairs that come closer, one by one.
    Approach,
    /// Each shares something with the next.
    Chain,
    /// Rows of pairs.
    Rows,
    /// Rings around two middles.
    Ripples,
    /// Six around one middle.
    Rosette,
    /// The shared part, from near.
    Near,
    /// Pairs of many sizes.
    Crowd,
}

/// Two circles of one size.
#[derive(Debug, Clone, Copy)]
pub struct Circles {
    /// Our side.
    pub(crate) us: Circle,
    /// The partner.
    pub(crate) partner: Circle,
    /// Whether what they share is filled.
    pub(crate) is_filled: bool,
}

/// How large what it fills is, in pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground {
    pub(crate) width: f32,
    pub(crate) height: f32,
}

impl Ground {
    /// As large as a picture.
    pub(crate) fn of((width, height): (u32, u32)) -> Self {
        Self {
            width: pixels(width),
            height: pixels(height),
        }
    }
}

/// What a crowd is: the middle in shares of the ground, the radius in shares of its height, how far apart, how it is turned.
const CROWD: [(f32, f32, f32, f32, f32); 10] = [
    (0.10, 0.25, 0.15, 1.0, 0.3),
    (0.30, 0.70, 0.22, 0.7, -0.5),
    (0.05, 0.88, 0.09, 1.5, 0.9),
    (0.34, 0.16, 0.08, 1.3, 1.2),
    (0.56, 0.30, 0.19, 1.2, 0.2),
    (0.60, 0.84, 0.11, 0.5, 0.8),
    (0.78, 0.62, 0.14, 1.6, -0.9),
    (0.90, 0.20, 0.12, 0.9, 0.5),
    (0.95, 0.88, 0.17, 0.8, -0.2),
    (0.75, 0.08, 0.05, 1.1, -1.1),
];

impl Pattern {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Pair,
        Self::Approach,
        Self::Chain,
        Self::Rows,
        Self::Ripples,
        Self::Rosette,
        Self::Near,
        Self::Crowd,
    ];

    /// Its name in the database and in forms.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pair => "pair",
            Self::Approach => "approach",
            Self::Chain => "chain",
            Self::Rows => "rows",
            Self::Ripples => "ripples",
            Self::Rosette => "rosette",
            Self::Near => "near",
            Self::Crowd => "crowd",
        }
    }

    /// What it is called where one is chosen.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Pair => "One pair",
            Self::Approach => "Coming closer",
            Self::Chain => "A chain",
            Self::Rows => "Rows",
            Self::Ripples => "Ripples",
            Self::Rosette => "A rosette",
            Self::Near => "From near",
            Self::Crowd => "Many sizes",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pattern| pattern.as_str() == name)
    }

    /// Its pairs on a cover, which is as large as a card.
    pub(crate) fn on_cover(self) -> Vec<Circles> {
        self.pairs(Ground::of(SIZE))
    }

    /// Its pairs on a ground. One that is higher than wide is filled from above instead of from the left.
    pub(crate) fn pairs(self, ground: Ground) -> Vec<Circles> {
        if ground.height > ground.width {
            let lying = Ground {
                width: ground.height,
                height: ground.width,
            };
            return self.lying(lying).into_iter().map(Circles::upright).collect();
        }
        self.lying(ground)
    }

    fn lying(self, ground: Ground) -> Vec<Circles> {
        let Ground { width, height } = ground;
        let (x, y) = (width / 2.0, height / 2.0);
        match self {
            Self::Pair => vec![Circles::at(x, y, height * 0.36, 0.96, 0.0)],
            Self::Approach => approach(ground),
            Self::Chain => chain(ground),
            Self::Rows => rows(ground),
            Self::Ripples => ripples(ground),
            Self::Rosette => rosette(ground),
            Self::Near => vec![Circles::at(x, y, width * 0.62, 1.5, 0.0)],
            Self::Crowd => CROWD
                .into_iter()
                .map(|(x, y, radius, apart, turn)| Circles::at(x * width, y * height, radius * height, apart, turn))
                .collect(),
        }
    }
}

/// Four, from touching to sharing the most.
fn approach(ground: Ground) -> Vec<Circles> {
    const APART: [f32; 4] = [2.0, 1.45, 0.9, 0.35];
    const BETWEEN: f32 = 0.5;
    let radii: f32 = APART.iter().map(|apart| 2.0 + apart + BETWEEN).sum::<f32>() + BETWEEN;
    let radius = ground.width / radii;
    let mut left = BETWEEN * radius;
    APART
        .into_iter()
        .map(|apart| {
            let wide = (2.0 + apart) * radius;
            let pair = Circles::at(left + wide / 2.0, ground.height / 2.0, radius, apart, 0.0);
            left += wide + BETWEEN * radius;
            pair
        })
        .collect()
}

/// From edge to edge and beyond.
fn chain(ground: Ground) -> Vec<Circles> {
    const APART: f32 = 1.2;
    let radius = ground.height * 0.27;
    let step = APART * radius;
    middles(ground.width, step)
        .into_iter()
        .enumerate()
        .map(|(number, x)| {
            let turn = if number % 2 == 0 { 0.0 } else { PI };
            Circles::at(x, ground.height / 2.0, radius, APART, turn)
        })
        .collect()
}

/// Each row is half a step beside the one above.
fn rows(ground: Ground) -> Vec<Circles> {
    let radius = ground.height / 8.5;
    let step = 3.7 * radius;
    middles(ground.height, 2.7 * radius)
        .into_iter()
        .enumerate()
        .flat_map(|(row, y)| {
            let aside = if row % 2 == 0 { 0.0 } else { step / 2.0 };
            middles(ground.width + step, step)
                .into_iter()
                .map(move |x| Circles::at(x - step / 2.0 + aside, y, radius, 0.96, 0.0))
        })
        .filter(|pair| pair.touches(ground))
        .collect()
}

fn ripples(ground: Ground) -> Vec<Circles> {
    let (x, y) = (ground.width / 2.0, ground.height / 2.0);
    let away = ground.height * 0.52;
    (1_u8..=6)
        .map(|ring| {
            let radius = ground.height * 0.13 * f32::from(ring);
            Circles {
                is_filled: ring == 3,
                ..Circles::at(x, y, radius, away / radius, 0.0)
            }
        })
        .collect()
}

fn rosette(ground: Ground) -> Vec<Circles> {
    let (x, y) = (ground.width / 2.0, ground.height / 2.0);
    let radius = ground.height * 0.24;
    let petal = |number: u8| {
        let turn = TAU * f32::from(number) / 6.0;
        Circle {
            x: x + radius * turn.cos(),
            y: y + radius * turn.sin(),
            radius,
        }
    };
    (0..6)
        .map(|number| {
            let (one, next) = (petal(number), petal(number + 1));
            let (us, partner) = if number % 2 == 0 { (one, next) } else { (next, one) };
            Circles {
                us,
                partner,
                is_filled: true,
            }
        })
        .collect()
}

/// Points with a step between them that cover a length, around its middle.
fn middles(length: f32, step: f32) -> Vec<f32> {
    let mut points = vec![length / 2.0];
    let mut away = step;
    while away < length / 2.0 + step {
        points.insert(0, length / 2.0 - away);
        points.push(length / 2.0 + away);
        away += step;
    }
    points
}

impl Circles {
    /// Two circles around a point, so many radii apart, turned by an angle.
    pub(crate) fn at(x: f32, y: f32, radius: f32, apart: f32, turn: f32) -> Self {
        let (across, down) = (turn.cos() * apart * radius / 2.0, turn.sin() * apart * radius / 2.0);
        Self {
            us: Circle {
                x: x - across,
                y: y - down,
                radius,
            },
            partner: Circle {
                x: x + across,
                y: y + down,
                radius,
            },
            is_filled: true,
        }
    }

    fn upright(self) -> Self {
        let upright = |circle: Circle| Circle {
            x: circle.y,
            y: circle.x,
            ..circle
        };
        Self {
            us: upright(self.us),
            partner: upright(self.partner),
            ..self
        }
    }

    fn touches(&self, ground: Ground) -> bool {
        let touches = |circle: Circle| {
            let along = |at: f32, length: f32| at + circle.radius > 0.0 && at - circle.radius < length;
            along(circle.x, ground.width) && along(circle.y, ground.height)
        };
        touches(self.us) || touches(self.partner)
    }

    /// The outline of what they share, as an SVG path. `None`: nothing.
    pub(crate) fn shared_path(&self) -> Option<String> {
        let Circle { x, y, radius } = self.us;
        let (across, down) = (self.partner.x - x, self.partner.y - y);
        let apart = across.hypot(down);
        if !self.is_filled || apart <= 0.0 || apart >= 2.0 * radius {
            return None;
        }
        let half = (radius * radius - apart * apart / 4.0).sqrt() / apart;
        let (x, y) = (x + across / 2.0, y + down / 2.0);
        let (right, below) = (down * half, across * half);
        Some(format!(
            "M{:.1} {:.1}A{radius:.1} {radius:.1} 0 0 1 {:.1} {:.1}A{radius:.1} {radius:.1} 0 0 1 {:.1} {:.1}Z",
            x + right,
            y - below,
            x - right,
            y + below,
            x + right,
            y - below,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Ground = Ground {
        width: 1200.0,
        height: 630.0,
    };
    const HIGH: Ground = Ground {
        width: 440.0,
        height: 630.0,
    };

    #[test]
    fn each_has_something_on_every_ground_and_shares_something() {
        for pattern in Pattern::ALL {
            assert_eq!(Pattern::parse(pattern.as_str()), Some(pattern));
            for ground in [WIDE, HIGH] {
                let pairs = pattern.pairs(ground);
                assert!((1..=40).contains(&pairs.len()), "{pattern:?}: {}", pairs.len());
                assert!(pairs.iter().all(|pair| pair.touches(ground)), "{pattern:?}");
                assert!(pairs.iter().any(|pair| pair.shared_path().is_some()), "{pattern:?}");
            }
        }
        assert_eq!(Pattern::parse("picture"), None);
    }

    #[test]
    fn what_two_circles_share_is_between_them() {
        let pair = Circles::at(100.0, 50.0, 30.0, 1.0, 0.0);
        assert_eq!(
            pair.shared_path().unwrap(),
            "M100.0 24.0A30.0 30.0 0 0 1 100.0 76.0A30.0 30.0 0 0 1 100.0 24.0Z"
        );
        assert_eq!(Circles::at(0.0, 0.0, 30.0, 2.0, 0.0).shared_path(), None);
        let turned = Circles::at(100.0, 50.0, 30.0, 1.0, PI / 2.0).shared_path().unwrap();
        assert!(turned.starts_with("M126.0 50.0A"), "{turned}");
    }
}
