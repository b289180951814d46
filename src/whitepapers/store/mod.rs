//! Whitepapers, editions, requests and downloads in the database.

mod merging;
mod papers;
mod requests;

pub use merging::{join_requests, pass_on_requests, request_of_link};
pub use papers::{
    CHUNK, NewEdition, NewPicture, NewWhitepaper, PictureFacts, chunk, file, insert_edition, insert_whitepaper,
    list_whitepapers, part, picture, pictures_of, whitepaper_by_slug, whitepapers_by_ids,
};
pub use requests::{
    NewRequest, correct, count_download, delete_requests_of, give_way, insert_contact, insert_request, note_mailed,
    note_repeat, raise_links, release, renew_link, request_by_contact, request_by_public_id, requests_by_ids,
    requests_of_contact,
};
