//! The fonts of one PDF: those of the typesetting kit, as the PDF writer takes them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use krilla::text::Font as PdfFont;

use crate::typesetting::Font;

/// Where a font's bytes are in memory, and its number in the file.
type Address = (usize, u32);

/// What was drawn with so far. Each font stays where it is while this lives, so that its place tells it.
#[derive(Default)]
pub(super) struct PdfFonts(RefCell<HashMap<Address, (Option<PdfFont>, Bytes)>>);

impl PdfFonts {
    /// `None` where the PDF writer cannot read it.
    pub(super) fn font(&self, font: &Font) -> Option<PdfFont> {
        let (bytes, index) = font.file();
        let mut known = self.0.borrow_mut();
        let entry = known.entry((bytes.as_ptr().addr(), index)).or_insert_with(|| {
            let data: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(bytes.clone());
            (PdfFont::new(data.into(), index), bytes.clone())
        });
        entry.0.clone()
    }
}
