//! Reading a form with one file in it: bounded in size and in time, whole before anything looks at it.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;

use super::{WebError, form};
use crate::uploads::{MOST_BYTES, MOST_TABLE_BYTES, PictureReader, ReadError, Shape, SmallPicture};

/// What stands around the file in the form.
const AROUND: usize = 16_000;
/// A slow line's; the largest picture has under three minutes.
const BYTES_PER_SECOND: usize = 50_000;

/// The file of a posted form; empty where none was chosen.
pub(crate) struct Upload {
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Upload {
    /// Has the picture in it read. The inner error is a sentence for whoever sent it.
    ///
    /// # Errors
    /// When the helper cannot be started.
    pub(crate) async fn picture(
        &self,
        reader: &PictureReader,
        shape: Shape,
    ) -> Result<Result<SmallPicture, String>, WebError> {
        if self.bytes.is_empty() {
            return Ok(Err("Choose a picture first.".to_owned()));
        }
        match reader.read(&self.bytes, shape).await {
            Ok(picture) => Ok(Ok(picture)),
            Err(why @ (ReadError::Unreadable(_) | ReadError::Busy)) => Ok(Err(why.to_string())),
            Err(error @ ReadError::Helper(_)) => Err(WebError::internal(error)),
        }
    }
}

impl FromRequest for Upload {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let sent = body(request, payload, MOST_BYTES);
        Box::pin(async move {
            let (body, boundary) = sent.await?;
            let bytes = file(body, boundary).await.map_err(|_| WebError::BadRequest)?;
            if bytes.len() > MOST_BYTES {
                return Err(WebError::TooLarge(MOST_BYTES));
            }
            Ok(Self { bytes })
        })
    }
}

/// A table that was sent: as a file, or pasted into the field `text`.
pub(crate) struct SentTable {
    /// What is in it; empty where nothing was sent.
    pub bytes: Vec<u8>,
    /// What the file is called; empty where it was pasted.
    pub file_name: String,
}

impl FromRequest for SentTable {
    type Error = WebError;
    type Future = LocalBoxFuture<'static, Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let sent = body(request, payload, MOST_TABLE_BYTES);
        Box::pin(async move {
            let (body, boundary) = sent.await?;
            table(body, boundary).await.map_err(|_| WebError::BadRequest)
        })
    }
}

/// The body of a form whose file has at most so many bytes, and what stands between its fields.
fn body(
    request: &HttpRequest,
    payload: &mut Payload,
    most: usize,
) -> impl Future<Output = Result<(Vec<u8>, String), WebError>> + use<> {
    let boundary = boundary(request);
    let declared = form::declared(request);
    let payload = payload.take();
    async move {
        let boundary = boundary.ok_or(WebError::NotAForm)?;
        if declared.is_some_and(|length| length > most + AROUND) {
            return Err(WebError::TooLarge(most));
        }
        Ok((form::read(payload, most + AROUND, BYTES_PER_SECOND).await?, boundary))
    }
}

/// The file, or what was pasted where no file was chosen.
async fn table(body: Vec<u8>, boundary: String) -> Result<SentTable, multer::Error> {
    let once = futures_util::stream::once(async { Ok::<_, multer::Error>(body) });
    let mut form = multer::Multipart::new(once, boundary);
    let mut pasted = Vec::new();
    while let Some(field) = form.next_field().await? {
        match field.name() {
            Some("file") => {
                let file_name = field.file_name().unwrap_or_default().to_owned();
                let bytes = field.bytes().await?.to_vec();
                if !bytes.is_empty() {
                    return Ok(SentTable { bytes, file_name });
                }
            }
            Some("text") => pasted = field.bytes().await?.to_vec(),
            _ => {}
        }
    }
    Ok(SentTable {
        bytes: pasted,
        file_name: String::new(),
    })
}

/// What stands between the fields of a form with files; `None` for every other post.
pub(crate) fn boundary(request: &HttpRequest) -> Option<String> {
    let kind = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(kind).ok()
}

/// What is in the field `file`.
async fn file(body: Vec<u8>, boundary: String) -> Result<Vec<u8>, multer::Error> {
    let once = futures_util::stream::once(async { Ok::<_, multer::Error>(body) });
    let mut form = multer::Multipart::new(once, boundary);
    while let Some(field) = form.next_field().await? {
        if field.name() == Some("file") {
            return Ok(field.bytes().await?.to_vec());
        }
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_file_is_what_was_sent() {
        let form = b"--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n\
                     --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../a.png\"\r\nContent-Type: image/png\r\n\r\n\
                     \x89PNG\r\n--y\r\n\r\n--x--\r\n";
        assert_eq!(
            file(form.to_vec(), "x".to_owned()).await.unwrap(),
            b"\x89PNG\r\n--y\r\n"
        );
        let none = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--x--\r\n";
        assert_eq!(file(none.to_vec(), "x".to_owned()).await.unwrap(), b"");
        assert!(file(form[..60].to_vec(), "x".to_owned()).await.is_err());
    }
}
