//! A million rows as a file of each kind, compared row by row with the database.

use std::io::{BufRead, BufReader, Read, Seek, Write};

use super::*;

const MANY: usize = 1_000_000;
const COLUMNS: &str = "full_name,email,company,status,registered_at,registration_id,q_your_role";

/// A row as the database has it.
type Stored = (String, String, String, i64, Vec<u8>);

impl Site {
    /// Every row, in the order of the file.
    async fn stored(&self) -> Vec<Stored> {
        let mut conn = self.running.state.db.read().await.unwrap();
        on_db!(conn, c => sqlx::query_as(
            "SELECT r.name, c.email, r.company, r.created_at, r.public_id
               FROM registrations r JOIN contacts c ON c.id = r.contact_id ORDER BY r.id").fetch_all(c).await)
        .unwrap()
    }
}

/// A file, as it comes.
async fn fetch(browser: &Browser<'_>, ending: &str, more: &str) -> std::fs::File {
    let path = format!("/organizer/exports/attendees.{ending}?webcast={SLUG}&columns={COLUMNS}&wait=yes{more}");
    let mut answer = browser.get(&path).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let mut file = tempfile::tempfile().unwrap();
    while let Some(piece) = answer.chunk().await.unwrap() {
        file.write_all(&piece).unwrap();
    }
    file.rewind().unwrap();
    file
}

/// The text cells of every row of a workbook's sheet, as they come.
fn sheet_rows(sheet: impl Read, mut row: impl FnMut(Vec<String>)) {
    let mut reader = BufReader::new(sheet);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        if reader.read_until(b'>', &mut bytes).unwrap() == 0 {
            return;
        }
        if !bytes.ends_with(b"<row>") && !String::from_utf8_lossy(&bytes).contains("<row") {
            continue;
        }
        let mut text = String::new();
        while !text.ends_with("</row>") {
            bytes.clear();
            assert!(reader.read_until(b'>', &mut bytes).unwrap() > 0);
            text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
        let cells = text.split("<c ").skip(1).map(|cell| {
            let value = ["<v>", "preserve\">", "<t>"]
                .iter()
                .find_map(|start| cell.split_once(start))
                .unwrap()
                .1;
            let value = value.split('<').next().unwrap();
            value
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&")
                .replace("_x005F_", "_")
        });
        row(cells.collect());
    }
}

on_both_databases! {
    #[ignore = "long"]
    async fn a_million_rows_arrive_whole_in_every_kind_of_file(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Owner).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        browser.asks(&format!("/organizer/webcasts/{SLUG}/form"), "one_of", &[("label", "Your role"), ("options", "Chief\nSales; Marketing")]).await;
        crowd_with_answers(&test).await;
        let stored = site.stored().await;
        assert_eq!(stored.len(), MANY);
        let id = |bytes: &[u8]| PublicId::from_slice(bytes).unwrap().to_string();
        let role = |n: usize| if n.is_multiple_of(2) { "Chief" } else { "Sales; Marketing" };

        for (more, separator) in [("&raw=yes", b','), ("&raw=yes&separator=semicolon", b';')] {
            let mut csv = fetch(&browser, "csv", more).await;
            csv.read_exact(&mut [0; 3]).unwrap();
            let mut rows = 0;
            for (row, (n, known)) in csv::ReaderBuilder::new().delimiter(separator).from_reader(csv).records().zip(stored.iter().enumerate()) {
                let row = row.unwrap();
                assert_eq!((&row[0], &row[1], &row[2], &row[3]), (known.0.as_str(), known.1.as_str(), known.2.as_str(), "registered"));
                assert_eq!((&row[5], &row[6]), (id(&known.4).as_str(), role(n + 1)));
                rows += 1;
            }
            assert_eq!(rows, MANY);
        }
        let lines = BufReader::new(fetch(&browser, "jsonl", "").await);
        let mut rows = 0;
        for (line, (n, known)) in lines.lines().zip(stored.iter().enumerate()) {
            let row: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            let at: jiff::Timestamp = row["registered_at"].as_str().unwrap().parse().unwrap();
            assert_eq!((row["email"].as_str().unwrap(), row["company"].as_str().unwrap(), row["q_your_role"].as_str().unwrap()), (known.1.as_str(), known.2.as_str(), role(n + 1)));
            assert_eq!((at.as_second(), row["registration_id"].as_str().unwrap()), (known.3.div_euclid(1_000_000), id(&known.4).as_str()));
            rows += 1;
        }
        assert_eq!(rows, MANY);
        let json: Vec<serde_json::Value> = serde_json::from_reader(BufReader::new(fetch(&browser, "json", "").await)).unwrap();
        assert_eq!(json.len(), MANY);
        assert!(json.iter().zip(&stored).all(|(row, known)| row["email"] == known.1 && row["company"] == known.2));
        drop(json);

        let mut workbook = zip::ZipArchive::new(fetch(&browser, "xlsx", "").await).unwrap();
        let mut rows = 0;
        sheet_rows(workbook.by_name("xl/worksheets/sheet1.xml").unwrap(), |cells| {
            if rows > 0 {
                let known = &stored[rows - 1];
                assert_eq!((&cells[0], &cells[1], &cells[2], &cells[5]), (&known.0, &known.1, &known.2, &id(&known.4)));
                assert_eq!(cells[6], role(rows));
            }
            rows += 1;
        });
        assert_eq!(rows, MANY + 1, "with the headings");
        site.running.stop().await;
    }
}

/// A million people with companies that files must carry whole, and an answer each; put in with one statement each, beside
/// the program, whose jobs have a few seconds.
async fn crowd_with_answers(test: &TestDb) {
    let is_server = test.url.starts_with("postgres");
    let id = |of: &str| {
        if is_server {
            format!("decode(md5({of}), 'hex')")
        } else {
            "randomblob(16)".to_owned()
        }
    };
    let company = "CASE n.i % 6 WHEN 0 THEN '=cmd' WHEN 1 THEN 'a;=1' WHEN 2 THEN '+49 30 1234' WHEN 3 THEN 'two' || {nl} || 'lines, \"and\" a comma'
                   WHEN 4 THEN '\u{5de}\u{5e9}\u{5d4} & <b>' ELSE 'Firm ' || n.i END";
    let company = company.replace("{nl}", if is_server { "chr(10)" } else { "char(10)" });
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})");
    let statements = [
        format!(
            "{numbers} INSERT INTO contacts (public_id, email, email_key, name, created_at)
             SELECT {}, 'p' || i || '@example.net', 'p' || i || '@example.net', 'Person ' || i, i FROM n",
            id("i || 'c'")
        ),
        format!(
            "{numbers} INSERT INTO registrations (public_id, contact_id, webcast_id, session_id, name, company, state, calendar_uid, channel, created_at)
             SELECT {}, c.id, s.webcast_id, s.id, c.name, {company}, 'registered', 'u' || n.i, 'form', n.i * CAST(1000000 AS BIGINT)
               FROM n JOIN contacts c ON c.email_key = 'p' || n.i || '@example.net',
                    (SELECT id, webcast_id FROM sessions ORDER BY starts_at DESC LIMIT 1) s ORDER BY n.i",
            id("n.i || 'r'")
        ),
        "INSERT INTO answers (question_id, registration_id, position, value, value_key)
         SELECT q.id, r.id, 0, CASE (r.created_at / 1000000) % 2 WHEN 0 THEN 'Chief' ELSE 'Sales; Marketing' END,
                CASE (r.created_at / 1000000) % 2 WHEN 0 THEN 'chief' ELSE 'sales_marketing' END
           FROM questions q, registrations r"
            .to_owned(),
    ];
    for statement in statements {
        test.run_alone(&statement).await;
    }
}
