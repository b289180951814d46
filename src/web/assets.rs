//! Static files, part of the binary. Their names carry a hash of their content, so that a browser may keep
//! them for a year.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::{WebError, public};

#[derive(RustEmbed)]
#[folder = "assets/static"]
struct Files;

struct Asset {
    content: Vec<u8>,
    media_type: String,
}

/// The files by hashed name, and the hashed names by plain name. They never change while we run.
struct Index {
    files: HashMap<String, Asset>,
    names: HashMap<String, String>,
}

static INDEX: LazyLock<Index> = LazyLock::new(Index::build);

impl Index {
    fn build() -> Self {
        let mut index = Self {
            files: HashMap::new(),
            names: HashMap::new(),
        };
        // The stylesheet names fonts, so their hashes must be known first.
        let (sheets, others): (Vec<_>, Vec<_>) = Files::iter().partition(|name| is_stylesheet(name));
        for name in others.into_iter().chain(sheets) {
            let Some(file) = Files::get(&name) else { continue };
            let content = index.with_hashed_urls(&name, file.data.into_owned());
            index.add(&name, content, file.metadata.mimetype());
        }
        index
    }

    fn with_hashed_urls(&self, name: &str, content: Vec<u8>) -> Vec<u8> {
        if !is_stylesheet(name) {
            return content;
        }
        let mut text = String::from_utf8_lossy(&content).into_owned();
        for (plain, hashed) in &self.names {
            text = text.replace(plain.as_str(), hashed);
        }
        text.into_bytes()
    }

    fn add(&mut self, name: &str, content: Vec<u8>, media_type: &str) {
        let digest = Sha256::digest(&content);
        let hash = digest
            .iter()
            .take(5)
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        let hashed = match name.rsplit_once('.') {
            Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
            None => format!("{name}.{hash}"),
        };
        self.names.insert(name.to_owned(), hashed.clone());
        self.files.insert(
            hashed,
            Asset {
                content,
                media_type: media_type.to_owned(),
            },
        );
    }
}

fn is_stylesheet(name: &str) -> bool {
    std::path::Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "css")
}

/// The address of a static file; templates call it by the file's plain name.
#[must_use]
pub fn asset(name: &str) -> String {
    let hashed = INDEX.names.get(name).map_or(name, String::as_str);
    format!("/static/{hashed}")
}

/// `GET /static/{name}`
///
/// # Errors
/// 404 for names that are not there, an old version's among them.
pub(crate) async fn serve(name: web::Path<String>) -> Result<HttpResponse, WebError> {
    let file = INDEX.files.get(name.as_str()).ok_or(WebError::NotFound)?;
    let answer = HttpResponse::Ok()
        .content_type(file.media_type.as_str())
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(web::Bytes::from_static(&file.content));
    Ok(public(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_a_hash_and_the_stylesheet_uses_it() {
        let font = asset("fonts/source-serif-4-400.woff2");
        assert!(font.starts_with("/static/fonts/source-serif-4-400."), "{font}");
        let sheet = asset("style.css");
        let sheet = INDEX.files.get(sheet.strip_prefix("/static/").unwrap()).unwrap();
        let text = String::from_utf8(sheet.content.clone()).unwrap();
        assert!(text.contains(font.strip_prefix("/static/").unwrap()));
    }
}
