//! What pages share and no feature owns: the application's state, answering with a page, error pages,
//! reading forms, the origin rule, limits, static files.

pub(crate) mod assets;
pub(crate) mod client;
pub(crate) mod error;
pub(crate) mod form;
mod frame;
pub mod gate;
pub(crate) mod layout;
pub(crate) mod limits;
pub(crate) mod mail_frame;
mod origin;
pub(crate) mod page;
mod slices;
mod state;
pub(crate) mod time;
pub(crate) mod too_many;

pub use assets::asset;
pub use error::WebError;
pub use form::Form;
pub use frame::{HeadOnly, frame};
pub use origin::{OurPage, same_origin};
pub use page::{Answer, Page, ok, page, public, see_other};
pub use state::AppState;
