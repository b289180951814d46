//! What pages share and no feature owns: the application's state, answering with a page, error pages,
//! reading forms, the origin rule, limits, static files.

mod appearance;
mod asked_consent;
pub(crate) mod assets;
mod at;
pub(crate) mod client;
pub(crate) mod error;
pub(crate) mod form;
mod frame;
pub mod gate;
pub(crate) mod layout;
pub(crate) mod limits;
pub(crate) mod mail_frame;
pub(crate) mod markdown;
mod origin;
pub(crate) mod outgoing;
pub(crate) mod page;
pub(crate) mod pictures;
pub(crate) mod recent;
mod revalidate;
mod share;
mod slices;
mod state;
pub(crate) mod time;
pub(crate) mod too_many;
pub(crate) mod trail;
pub(crate) mod upload;
pub(crate) mod visitor;

pub use appearance::{Appearance, AppearanceNow};
pub use asked_consent::{AskedConsent, AskedWording};
pub use assets::asset;
pub use at::{At, at, without_slash};
pub use error::WebError;
pub use form::Form;
pub use frame::{HeadOnly, frame};
pub use origin::{OurPage, same_origin};
pub use page::{Answer, Page, ok, page, public, see_other};
pub use pictures::Pictures;
pub use revalidate::{RecentTags, revalidate};
pub(crate) use share::{CARD_SIZE, JsonLd, Share};
pub use state::AppState;
pub(crate) use trail::fragment;
pub use visitor::Visitor;
pub(crate) use visitor::locale;

/// The header that says which installation answers.
pub(crate) const INSTALLATION: &str = "commonground-installation";
