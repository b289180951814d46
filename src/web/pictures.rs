//! Pictures that the server draws itself: cards for sharing, and the mark as an icon. Drawn once, then kept for a while.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use super::recent::Recent;
use super::revalidate::{entity_tag, tag};
use super::{Answer, WebError, public};
use crate::cards::{Card, CardError, icon};
use crate::typesetting::Fonts;

/// Cards in memory, in bytes.
const MOST_KEPT: usize = 8 * 1024 * 1024;
/// Those who show cards ask again after an hour.
const ASK_AFTER_AN_HOUR: &str = "public, max-age=3600";
const ASK_AFTER_A_WEEK: &str = "public, max-age=604800";

/// Draws, and remembers what it drew last, by what it shows.
pub struct Pictures {
    fonts: Fonts,
    recent: Recent<String, web::Bytes>,
}

impl Pictures {
    /// With these fonts.
    #[must_use]
    pub fn new(fonts: Fonts) -> Self {
        Self {
            fonts,
            recent: Recent::new(MOST_KEPT, web::Bytes::len),
        }
    }

    /// Answers everybody with a card.
    ///
    /// # Errors
    /// When it cannot be drawn.
    pub(crate) async fn card(&self, card: Card) -> Answer {
        let (tag, picture) = self.drawn(card).await?;
        let mut answer = HttpResponse::Ok();
        answer
            .content_type("image/png")
            .insert_header((header::CACHE_CONTROL, ASK_AFTER_AN_HOUR));
        if let Some(tag) = entity_tag(&tag) {
            answer.insert_header((header::ETAG, tag));
        }
        Ok(public(answer.body(picture)))
    }

    /// Answers somebody who is signed in with a card that nobody else sees yet.
    ///
    /// # Errors
    /// When it cannot be drawn.
    pub(crate) async fn card_for_one(&self, card: Card) -> Answer {
        let (_, picture) = self.drawn(card).await?;
        Ok(HttpResponse::Ok()
            .content_type("image/png")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(picture))
    }

    /// A card, and what tells it from others.
    async fn drawn(&self, card: Card) -> Result<(String, web::Bytes), WebError> {
        let key = tag(format!("{card:?}").as_bytes());
        if let Some(kept) = self.recent.find(&key) {
            return Ok((key, kept));
        }
        let fonts = self.fonts.clone();
        let drawn = web::block(move || card.draw(&fonts)).await;
        let picture = web::Bytes::from(drawn.map_err(WebError::internal)?.map_err(WebError::internal)?);
        self.recent.keep(key.clone(), picture.clone());
        Ok((key, picture))
    }
}

/// `GET /favicon.ico`, for those who take no SVG.
pub(crate) async fn favicon() -> Answer {
    let answer = HttpResponse::Ok()
        .content_type("image/x-icon")
        .insert_header((header::CACHE_CONTROL, ASK_AFTER_A_WEEK))
        .body(ico(&[16, 32]).map_err(WebError::internal)?);
    Ok(public(answer))
}

/// `GET /apple-touch-icon.png`, for who puts the site on a phone's first screen.
pub(crate) async fn touch_icon() -> Answer {
    let answer = HttpResponse::Ok()
        .content_type("image/png")
        .insert_header((header::CACHE_CONTROL, ASK_AFTER_A_WEEK))
        .body(icon(180).map_err(WebError::internal)?);
    Ok(public(answer))
}

/// The mark in several sizes, in one file: a directory with an entry for each picture, then the pictures as PNG.
fn ico(sizes: &[u8]) -> Result<Vec<u8>, CardError> {
    const HEAD: u32 = 6;
    const ENTRY: u32 = 16;
    let pictures: Vec<Vec<u8>> = sizes
        .iter()
        .map(|size| icon(u32::from(*size)))
        .collect::<Result<_, _>>()?;
    let count = u16::try_from(sizes.len()).unwrap_or_default();
    let mut file = Vec::new();
    for word in [0, 1, count] {
        file.extend(u16::to_le_bytes(word));
    }
    let mut offset = HEAD + ENTRY * u32::from(count);
    for (size, picture) in sizes.iter().zip(&pictures) {
        let length = u32::try_from(picture.len()).unwrap_or_default();
        // Width, height, no palette, one plane of 32 bits.
        file.extend([*size, *size, 0, 0, 1, 0, 32, 0]);
        file.extend(length.to_le_bytes());
        file.extend(offset.to_le_bytes());
        offset += length;
    }
    file.extend(pictures.concat());
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_file_points_at_its_pictures() {
        let file = ico(&[16, 32]).unwrap();
        assert_eq!(file[..6], [0, 0, 1, 0, 2, 0]);
        let mut end = 0;
        for (number, size) in [16, 32].into_iter().enumerate() {
            let entry = &file[6 + 16 * number..][..16];
            assert_eq!(entry[0], size);
            let length = u32::from_le_bytes(entry[8..12].try_into().unwrap()) as usize;
            let offset = u32::from_le_bytes(entry[12..].try_into().unwrap()) as usize;
            assert!(file[offset..].starts_with(b"\x89PNG"));
            end = offset + length;
        }
        assert_eq!(end, file.len());
    }
}
