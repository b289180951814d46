//! Whitepapers, editions, requests and downloads in the database.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{ContentsLine, Edition, Request, RequestState, Whitepaper};
use crate::contacts::{CONSENT, Known, Origin};
use crate::db::{Conn, DbError, Tx, instant, micros, sql};
use crate::on_db;
use crate::values::{EmailAddress, PersonName, PublicId, Slug};

/// A PDF is kept in rows of this size, so that none has to be read whole.
pub const CHUNK: usize = 256 * 1024;

/// A paper to be made.
pub struct NewWhitepaper<'a> {
    /// Its address.
    pub slug: &'a Slug,
    /// The title.
    pub title: &'a str,
    /// One or two sentences.
    pub summary: &'a str,
    /// Paragraphs.
    pub description: &'a str,
}

/// An edition to be made.
pub struct NewEdition<'a> {
    /// The file's name.
    pub file_name: &'a str,
    /// The PDF.
    pub bytes: &'a [u8],
    /// How many pages.
    pub pages: Option<i64>,
    /// The table of contents.
    pub contents: &'a [ContentsLine],
    /// Pages as pictures, the cover first.
    pub pictures: &'a [NewPicture<'a>],
}

/// A page as a picture.
pub struct NewPicture<'a> {
    /// For example `image/png`.
    pub media_type: &'a str,
    /// In pixels.
    pub width: i64,
    /// In pixels.
    pub height: i64,
    /// What it shows, for those who do not see it.
    pub alt: &'a str,
    /// The file.
    pub bytes: &'a [u8],
}

/// A picture without its bytes.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PictureFacts {
    /// Its place: 0 is the cover.
    pub position: i64,
    /// In pixels.
    pub width: i64,
    /// In pixels.
    pub height: i64,
    /// What it shows.
    pub alt: String,
}

#[derive(sqlx::FromRow)]
struct WhitepaperRow {
    id: i64,
    slug: String,
    title: String,
    summary: String,
    description: String,
    edition_id: Option<i64>,
    edition_public_id: Option<Vec<u8>>,
    file_name: Option<String>,
    size: Option<i64>,
    pages: Option<i64>,
    contents: Option<String>,
}

impl TryFrom<WhitepaperRow> for Whitepaper {
    type Error = DbError;

    fn try_from(row: WhitepaperRow) -> Result<Self, DbError> {
        let edition = match (row.edition_id, row.edition_public_id) {
            (Some(id), Some(public_id)) => Some(Edition {
                id,
                public_id: public_id.try_into().map_err(DbError::stored)?,
                file_name: row.file_name.unwrap_or_default(),
                size: u64::try_from(row.size.unwrap_or_default()).map_err(DbError::stored)?,
                pages: row.pages,
                contents: read_contents(&row.contents.unwrap_or_default()),
            }),
            _ => None,
        };
        Ok(Self {
            id: row.id,
            slug: Slug::parse(&row.slug).map_err(DbError::stored)?,
            title: row.title,
            summary: row.summary,
            description: row.description,
            edition,
        })
    }
}

fn read_contents(text: &str) -> Vec<ContentsLine> {
    text.lines()
        .filter_map(|line| {
            let (page, title) = line.split_once('\t')?;
            Some(ContentsLine {
                title: title.to_owned(),
                page: page.parse().ok()?,
            })
        })
        .collect()
}

/// Puts a paper in; gives its row.
pub async fn insert_whitepaper(tx: &mut Tx, paper: &NewWhitepaper<'_>, now: Timestamp) -> Result<i64, DbError> {
    Ok(on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO whitepapers (public_id, slug, title, summary, description, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id")
        .bind(PublicId::random().as_bytes())
        .bind(paper.slug.as_str())
        .bind(paper.title)
        .bind(paper.summary)
        .bind(paper.description)
        .bind(micros(now))
        .fetch_one(c)
        .await)?)
}

/// Puts an edition in; from then on it is the one that is sent.
pub async fn insert_edition(
    tx: &mut Tx,
    whitepaper_id: i64,
    edition: &NewEdition<'_>,
    now: Timestamp,
) -> Result<i64, DbError> {
    let contents: Vec<String> = edition
        .contents
        .iter()
        .map(|line| format!("{}\t{}", line.page, line.title))
        .collect();
    let size = i64::try_from(edition.bytes.len()).map_err(DbError::stored)?;
    let id: i64 = on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO editions (public_id, whitepaper_id, file_name, size, sha256, pages, contents, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id")
        .bind(PublicId::random().as_bytes())
        .bind(whitepaper_id)
        .bind(edition.file_name)
        .bind(size)
        .bind(Sha256::digest(edition.bytes).to_vec())
        .bind(edition.pages)
        .bind(contents.join("\n"))
        .bind(micros(now))
        .fetch_one(c)
        .await)?;
    for (position, chunk) in (0_i64..).zip(edition.bytes.chunks(CHUNK)) {
        on_db!(tx, c => sqlx::query("INSERT INTO edition_chunks (edition_id, position, data) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(position)
            .bind(chunk)
            .execute(c)
            .await
            .map(drop))?;
    }
    for (position, picture) in (0_i64..).zip(edition.pictures) {
        insert_picture(tx, id, position, picture).await?;
    }
    Ok(id)
}

async fn insert_picture(tx: &mut Tx, edition_id: i64, position: i64, picture: &NewPicture<'_>) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "INSERT INTO edition_pictures (edition_id, position, media_type, width, height, alt, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(edition_id)
        .bind(position)
        .bind(picture.media_type)
        .bind(picture.width)
        .bind(picture.height)
        .bind(picture.alt)
        .bind(picture.bytes)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// All papers with their newest edition, the newest paper first.
pub async fn list_whitepapers(conn: &mut Conn) -> Result<Vec<Whitepaper>, DbError> {
    let rows: Vec<WhitepaperRow> =
        on_db!(conn, c => sqlx::query_as("SELECT * FROM papers ORDER BY id DESC").fetch_all(c).await)?;
    rows.into_iter().map(Whitepaper::try_from).collect()
}

/// The paper of an address.
pub async fn whitepaper_by_slug(conn: &mut Conn, slug: &Slug) -> Result<Option<Whitepaper>, DbError> {
    let row: Option<WhitepaperRow> = on_db!(conn, c => sqlx::query_as("SELECT * FROM papers WHERE slug = $1")
        .bind(slug.as_str())
        .fetch_optional(c)
        .await)?;
    row.map(Whitepaper::try_from).transpose()
}

/// An edition's pictures, the cover first.
pub async fn pictures_of(conn: &mut Conn, edition_id: i64) -> Result<Vec<PictureFacts>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT position, width, height, alt FROM edition_pictures WHERE edition_id = $1 ORDER BY position")
        .bind(edition_id)
        .fetch_all(c)
        .await)?)
}

/// A picture's media type and bytes.
pub async fn picture(conn: &mut Conn, edition: PublicId, position: i64) -> Result<Option<(String, Vec<u8>)>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_as(
        "SELECT p.media_type, p.data FROM edition_pictures p JOIN editions e ON e.id = p.edition_id
          WHERE e.public_id = $1 AND p.position = $2")
        .bind(edition.as_bytes())
        .bind(position)
        .fetch_optional(c)
        .await)?)
}

/// One piece of an edition's file.
pub async fn chunk(conn: &mut Conn, edition_id: i64, position: i64) -> Result<Option<Vec<u8>>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT data FROM edition_chunks WHERE edition_id = $1 AND position = $2")
        .bind(edition_id)
        .bind(position)
        .fetch_optional(c)
        .await)?)
}

/// An edition's whole file.
pub async fn file(conn: &mut Conn, edition: &Edition) -> Result<Vec<u8>, DbError> {
    let mut bytes = Vec::with_capacity(usize::try_from(edition.size).unwrap_or(0));
    let mut position = 0;
    while let Some(chunk) = chunk(conn, edition.id, position).await? {
        bytes.extend_from_slice(&chunk);
        position += 1;
    }
    Ok(bytes)
}

/// A paper that somebody asks for.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// The paper's page that was posted to.
    pub slug: Slug,
    /// Who.
    pub name: PersonName,
    /// Where mail goes.
    pub email: EmailAddress,
    /// The marketing consent.
    pub consent: bool,
    /// Where they came from.
    pub origin: Origin,
    /// True where a program may have filled in the form: an organizer looks at it first.
    pub suspicious: bool,
}

/// Puts the contact in, or finds it, if the paper can be asked for. `None`: it cannot, and nothing was
/// written.
pub async fn insert_contact(tx: &mut Tx, request: &NewRequest, now: Timestamp) -> Result<Option<Known>, DbError> {
    Ok(on_db!(tx, c => sqlx::query_as(
        "INSERT INTO contacts (email, email_key, name, created_at)
         SELECT $1, $2, $3, $4
          WHERE EXISTS (SELECT 1 FROM whitepapers w JOIN editions e ON e.whitepaper_id = w.id WHERE w.slug = $5)
         ON CONFLICT (email_key) DO UPDATE SET email_key = excluded.email_key
         RETURNING id, confirmed_at, repeats, repeats_since")
        .bind(request.email.as_str())
        .bind(request.email.key())
        .bind(request.name.as_str())
        .bind(micros(now))
        .bind(request.slug.as_str())
        .fetch_optional(c)
        .await)?)
}

/// Puts the request in; gives its row. `None`: this contact has asked for this paper before.
pub async fn insert_request(
    tx: &mut Tx,
    request: &NewRequest,
    contact_id: i64,
    public_id: PublicId,
    link_until: Timestamp,
    now: Timestamp,
) -> Result<Option<i64>, DbError> {
    let state = if request.suspicious {
        RequestState::Pending
    } else {
        RequestState::Requested
    };
    let origin = &request.origin;
    Ok(on_db!(tx, c => sqlx::query_scalar(
        "INSERT INTO requests (public_id, contact_id, whitepaper_id, name, state, time_zone, locale, utm_source,
                               utm_medium, utm_campaign, utm_term, utm_content, referrer, channel, consent_at,
                               consent_version, mailed_at, link_until, created_at)
         SELECT $1, $2, w.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'form', $13, $14, $15, $16, $17
           FROM whitepapers w WHERE w.slug = $18
         ON CONFLICT (contact_id, whitepaper_id) DO NOTHING
         RETURNING id")
        .bind(public_id.as_bytes())
        .bind(contact_id)
        .bind(request.name.as_str())
        .bind(state.as_str())
        .bind(origin.time_zone.as_deref())
        .bind(origin.locale.as_deref())
        .bind(origin.utm_source.as_deref())
        .bind(origin.utm_medium.as_deref())
        .bind(origin.utm_campaign.as_deref())
        .bind(origin.utm_term.as_deref())
        .bind(origin.utm_content.as_deref())
        .bind(origin.referrer.as_deref())
        .bind(request.consent.then(|| micros(now)))
        .bind(request.consent.then_some(CONSENT.version))
        .bind((!request.suspicious).then(|| micros(now)))
        .bind(micros(link_until))
        .bind(micros(now))
        .bind(request.slug.as_str())
        .fetch_optional(c)
        .await)?)
}

#[derive(sqlx::FromRow)]
struct RequestRow {
    id: i64,
    public_id: Vec<u8>,
    link_generation: i64,
    contact_id: i64,
    email: String,
    confirmed_at: Option<i64>,
    name: String,
    state: String,
    times: i64,
    mailed_at: Option<i64>,
    repeated_at: Option<i64>,
    link_until: i64,
    whitepaper_id: i64,
    slug: String,
    title: String,
}

impl TryFrom<RequestRow> for Request {
    type Error = DbError;

    fn try_from(row: RequestRow) -> Result<Self, DbError> {
        Ok(Self {
            id: row.id,
            public_id: row.public_id.try_into().map_err(DbError::stored)?,
            link_generation: row.link_generation,
            contact_id: row.contact_id,
            email: EmailAddress::parse(&row.email).map_err(DbError::stored)?,
            is_confirmed: row.confirmed_at.is_some(),
            name: row.name,
            state: RequestState::parse(&row.state).ok_or_else(|| DbError::stored("request state"))?,
            times: row.times,
            mailed_at: row.mailed_at.map(instant).transpose()?,
            repeated_at: row.repeated_at.map(instant).transpose()?,
            link_until: instant(row.link_until)?,
            whitepaper_id: row.whitepaper_id,
            slug: Slug::parse(&row.slug).map_err(DbError::stored)?,
            title: row.title,
        })
    }
}

/// The request of a contact for a paper.
pub async fn request_by_contact(conn: &mut Conn, contact_id: i64, slug: &Slug) -> Result<Option<Request>, DbError> {
    let row: Option<RequestRow> = on_db!(conn, c => sqlx::query_as(
        "SELECT * FROM paper_requests WHERE contact_id = $1 AND slug = $2")
        .bind(contact_id)
        .bind(slug.as_str())
        .fetch_optional(c)
        .await)?;
    row.map(Request::try_from).transpose()
}

/// The request that a personal link opens.
pub async fn request_by_public_id(conn: &mut Conn, id: PublicId) -> Result<Option<Request>, DbError> {
    let row: Option<RequestRow> = on_db!(conn, c => sqlx::query_as("SELECT * FROM paper_requests WHERE public_id = $1")
        .bind(id.as_bytes())
        .fetch_optional(c)
        .await)?;
    row.map(Request::try_from).transpose()
}

/// The requests of these rows, in no particular order.
pub async fn requests_by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Request>, DbError> {
    let text = format!(
        "SELECT * FROM paper_requests WHERE id IN ({})",
        sql::placeholders(ids.len())
    );
    let rows: Vec<RequestRow> = on_db!(conn, c => {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?;
    rows.into_iter().map(Request::try_from).collect()
}

/// Lets a held request through. False: it was not held.
pub async fn release(tx: &mut Tx, id: i64, link_until: Timestamp, now: Timestamp) -> Result<bool, DbError> {
    let changed = on_db!(tx, c => sqlx::query(
        "UPDATE requests SET state = 'requested', mailed_at = $2, link_until = $3 WHERE id = $1 AND state = 'pending'")
        .bind(id)
        .bind(micros(now))
        .bind(micros(link_until))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Notes that the paper was asked for again, and that it goes out again as a whole.
pub async fn note_mailed(tx: &mut Tx, id: i64, link_until: Timestamp, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE requests SET state = 'requested', times = times + 1, mailed_at = $2, link_until = $3 WHERE id = $1")
        .bind(id)
        .bind(micros(now))
        .bind(micros(link_until))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes that the paper was asked for again, and when the mail with the link goes.
pub async fn note_repeat(tx: &mut Tx, id: i64, at: Timestamp, link_until: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE requests SET times = times + 1, repeated_at = $2, link_until = $3 WHERE id = $1")
        .bind(id)
        .bind(micros(at))
        .bind(micros(link_until))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Counts a download.
pub async fn count_download(tx: &mut Tx, id: i64, now: Timestamp) -> Result<(), DbError> {
    on_db!(tx, c => sqlx::query(
        "UPDATE requests SET downloads = downloads + 1, last_download_at = $2 WHERE id = $1")
        .bind(id)
        .bind(micros(now))
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
