//! Whitepapers, their editions and the pictures of their pages.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;

use crate::db::{Conn, DbError, Tx, micros, sql};
use crate::on_db;
use crate::values::{PublicId, Slug};
use crate::whitepapers::{ContentsLine, Edition, Whitepaper};

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
    form_version: i64,
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
            form_version: row.form_version,
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

/// The papers of these rows, in no particular order.
pub async fn whitepapers_by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Whitepaper>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("SELECT * FROM papers WHERE id IN ({})", sql::placeholders(ids.len()));
    let rows: Vec<WhitepaperRow> = on_db!(conn, c => {
        let query = sqlx::query_as(AssertSqlSafe(text));
        ids.iter().fold(query, |query, id| query.bind(*id)).fetch_all(c).await
    })?;
    rows.into_iter().map(Whitepaper::try_from).collect()
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

/// A part of one piece of an edition's file: at most `most` bytes from `from` on, counted from 0.
pub async fn part(
    conn: &mut Conn,
    edition_id: i64,
    position: i64,
    from: i64,
    most: i64,
) -> Result<Option<Vec<u8>>, DbError> {
    Ok(on_db!(conn, c => sqlx::query_scalar(
        "SELECT SUBSTR(data, CAST($3 AS INTEGER) + 1, CAST($4 AS INTEGER)) FROM edition_chunks
          WHERE edition_id = $1 AND position = $2")
        .bind(edition_id)
        .bind(position)
        .bind(from)
        .bind(most)
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
