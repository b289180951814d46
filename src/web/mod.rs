//! What pages share and no feature owns: the application's state, answering with a page, error pages,
//! reading forms, the origin rule, limits, static files.

pub mod assets;
pub mod client;
pub mod error;
pub mod form;
mod frame;
pub mod layout;
pub mod limits;
pub mod mail_frame;
mod origin;
pub mod page;
mod state;
pub mod time;
pub mod too_many;

pub use assets::asset;
pub use error::WebError;
pub use form::Form;
pub use frame::{HeadOnly, frame};
pub use limits::{Allowance, RateLimit};
pub use origin::{OurPage, same_origin};
pub use page::{Answer, Page, ok, page, public, see_other};
pub use state::AppState;
