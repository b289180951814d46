//! Mails and pages as text that can be kept beside the tests: what is drawn at random is cut out.

use commonground::mail::catcher::CaughtMail;

/// Compares with the file `tests/suite/snapshots/<name>.snap`. `INSTA_UPDATE=always` writes it anew.
pub fn assert_kept(name: &str, text: &str) {
    let settings = {
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings
    };
    settings.bind(|| insta::assert_snapshot!(name, without_ids(text)));
}

/// A mail: its headers, both bodies, and what is attached. None is kept that Outlook's desktop program could not lay out.
pub fn mail(mail: &CaughtMail) -> String {
    assert_outlook_lays_it_out(&mail.html);
    let files: Vec<String> = mail
        .attachments
        .iter()
        .map(|file| {
            let text = match file.content_type.as_str() {
                kind if kind.contains("ics") || kind.contains("calendar") => {
                    String::from_utf8_lossy(&file.bytes).replace("\r\n ", "")
                }
                _ => "(not shown)\r\n".to_owned(),
            };
            format!("--- {} ({})\n{text}", file.name, file.content_type)
        })
        .collect();
    let all = format!(
        "{}\n--- text\n{}\n--- html\n{}\n{}",
        mail.headers,
        mail.text,
        mail.html,
        files.concat()
    );
    all.replace("\r\n", "\n")
}

/// Word draws the mail there: it knows no width and no padding but a table's, and none of a link.
fn assert_outlook_lays_it_out(html: &str) {
    let body = html.split_once("<body").expect("a body").1;
    let in_order = [
        "<!--[if mso]><table role=\"presentation\" align=\"center\" width=\"560\"",
        "<td style=\"padding:",
        "<![endif]-->",
        "<!--[if mso]></td></tr></table><![endif]-->",
    ];
    let mut rest = body;
    for piece in in_order {
        rest = rest.split_once(piece).unwrap_or_else(|| panic!("{piece} in {html}")).1;
    }
    for (before, _) in body.match_indices("class=\"button\"").map(|(at, _)| body.split_at(at)) {
        let cell = before.rsplit_once("<td").expect("a cell").1;
        assert!(
            cell.contains("bgcolor=") && cell.contains("mso-padding-alt:") && !cell.contains("</td"),
            "{cell}"
        );
    }
}

/// A page, without the long list of time zones and the marks of its files.
pub fn page(html: &str) -> String {
    let lines: Vec<&str> = html
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    without_size(&without_marks(&without_zones(&lines.join("\n"))))
}

/// How large the database is says nothing.
fn without_size(html: &str) -> String {
    match html.split_once("Database: ") {
        Some((before, after)) => {
            let rest = after.split_once('<').map_or("", |(_, rest)| rest);
            format!("{before}Database: [size]<{rest}")
        }
        None => html.to_owned(),
    }
}

fn without_zones(html: &str) -> String {
    match (html.find("Africa/Abidjan"), html.rfind("Zulu")) {
        (Some(first), Some(last)) => format!("{}[zones]{}", &html[..first], &html[last + 4..]),
        _ => html.to_owned(),
    }
}

/// `style.4c05233d98.css`: the mark says what is in the file.
fn without_marks(html: &str) -> String {
    let is_mark = |part: &str| part.len() == 10 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = html.split('.').map(|part| if is_mark(part) { "[mark]" } else { part });
    parts.collect::<Vec<_>>().join(".")
}

/// Runs of twenty characters and more that no word has: ids, links' tokens, boundaries.
fn without_ids(text: &str) -> String {
    const A_HEADER: &str = "X-Auto-Response-Suppress";
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let has_sign = run.contains(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit());
        let is_id = run.len() >= 20 && has_sign && run != A_HEADER;
        kept.push_str(if is_id { "[id]" } else { run });
        let next = after.find(is_part).unwrap_or(after.len());
        kept.push_str(&after[..next]);
        rest = &after[next..];
    }
    kept
}
