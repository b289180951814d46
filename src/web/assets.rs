//! Static files, part of the binary. Their names carry a hash of their content, so that a browser may keep
//! them for a year. What is text is packed as tightly as can be, once, when somebody first asks for it so.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{LazyLock, OnceLock};

use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, Encoding, Header};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use super::{WebError, public};
use crate::values::in_hex;

#[derive(RustEmbed)]
#[folder = "assets/static"]
struct Files;

struct Asset {
    content: Vec<u8>,
    media_type: String,
    /// The content in Brotli (RFC 7932), once it was asked for.
    packed: OnceLock<Vec<u8>>,
}

impl Asset {
    /// Fonts and pictures are packed already.
    fn is_text(&self) -> bool {
        self.media_type.starts_with("text/") || self.media_type.ends_with("+xml")
    }

    fn packed(&self) -> &[u8] {
        self.packed.get_or_init(|| {
            let mut packer = brotli::CompressorWriter::new(Vec::new(), PACKING_BUFFER, TIGHTEST, WINDOW);
            // Writing to memory cannot fail.
            let _ = packer.write_all(&self.content);
            packer.into_inner()
        })
    }
}

const PACKING_BUFFER: usize = 16 * 1024;
const TIGHTEST: u32 = 11;
/// Power of two, in bytes: more than any of these files.
const WINDOW: u32 = 18;

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
        let (sheets, others): (Vec<_>, Vec<_>) = Files::iter().partition(|name| kind_of(name) == "css");
        for name in others.into_iter().chain(sheets) {
            let Some(file) = Files::get(&name) else { continue };
            let content = match kind_of(&name) {
                "css" => index.with_hashed_urls(&slim_stylesheet(&text_of(&file))).into_bytes(),
                "js" => slim_script(&text_of(&file)).into_bytes(),
                _ => file.data.into_owned(),
            };
            index.add(&name, content, file.metadata.mimetype());
        }
        index
    }

    fn with_hashed_urls(&self, sheet: &str) -> String {
        let names = self.names.iter();
        names.fold(sheet.to_owned(), |sheet, (plain, hashed)| sheet.replace(plain, hashed))
    }

    fn add(&mut self, name: &str, content: Vec<u8>, media_type: &str) {
        let hash = in_hex(Sha256::digest(&content).iter().take(5));
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
                packed: OnceLock::new(),
            },
        );
    }
}

/// The end of a file's name.
fn kind_of(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, kind)| kind)
}

fn text_of(file: &EmbeddedFile) -> String {
    String::from_utf8_lossy(&file.data).into_owned()
}

/// Without comments and margins, which are for those who work on it. No string of ours holds the signs of a comment.
fn slim_stylesheet(sheet: &str) -> String {
    let mut parts = sheet.split("/*");
    let before = parts.next().unwrap_or_default();
    let behind = parts.filter_map(|part| part.split_once("*/")).map(|(_, behind)| behind);
    slim_lines(&std::iter::once(before).chain(behind).collect::<String>())
}

/// The same of a script: its comments are lines of their own, and none of its strings is longer than a line.
fn slim_script(script: &str) -> String {
    let code = script.lines().filter(|line| !line.trim_start().starts_with("//"));
    slim_lines(&code.collect::<Vec<_>>().join("\n"))
}

fn slim_lines(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
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
pub(crate) async fn serve(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, WebError> {
    let file = INDEX.files.get(name.as_str()).ok_or(WebError::NotFound)?;
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(file.media_type.as_str())
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    if !file.is_text() {
        let plain = web::Bytes::from_static(&file.content);
        return Ok(public(answer.insert_header(ContentEncoding::Identity).body(plain)));
    }
    answer.insert_header((header::VARY, "accept-encoding"));
    if !takes_brotli(&request) {
        return Ok(public(answer.body(web::Bytes::from_static(&file.content))));
    }
    let packed = web::block(|| file.packed()).await.map_err(WebError::internal)?;
    answer.insert_header(ContentEncoding::Brotli);
    Ok(public(answer.body(web::Bytes::from_static(packed))))
}

fn takes_brotli(request: &HttpRequest) -> bool {
    let offered = [Encoding::identity(), Encoding::brotli()];
    AcceptEncoding::parse(request).is_ok_and(|accepted| accepted.negotiate(offered.iter()) == Some(Encoding::brotli()))
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

    #[test]
    fn comments_stay_at_home() {
        let sheet = "/* One.\n   Two. */\n\na { b: c; } /* d */\n  e { f: g; }\n";
        assert_eq!(slim_stylesheet(sheet), "a { b: c; }\ne { f: g; }");
        assert_eq!(
            slim_script("// one\nlet a = \"http://b\";\n\n  // two\n  a();\n"),
            "let a = \"http://b\";\na();"
        );
    }

    #[test]
    fn packed_is_what_was_packed() {
        let sheet = asset("style.css");
        let sheet = INDEX.files.get(sheet.strip_prefix("/static/").unwrap()).unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut sheet.packed(), &mut unpacked).unwrap();
        assert_eq!(unpacked, sheet.content);
        assert!(sheet.packed().len() < 10_000, "{}", sheet.packed().len());
    }
}
