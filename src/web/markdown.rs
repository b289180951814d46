//! Markdown that organizers write, as HTML for visitors: HTML in it is text, links lead to the web or to a mailbox, and a
//! picture is its words.

use pulldown_cmark::{Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};
use url::Url;

/// Quotes and lists in each other; what is deeper stands in the outer one. A list is two levels: itself and its item.
const DEEPEST: usize = 8;

/// The HTML of a text (`CommonMark`). Its headings stand below an `h2`.
#[must_use]
pub(crate) fn to_html(text: &str) -> String {
    let mut open: Vec<bool> = Vec::new();
    let events = Parser::new_ext(text, Options::empty()).filter_map(|event| match event {
        Event::Start(tag) => {
            let keep = is_kept(&tag, &open);
            open.push(keep);
            keep.then(|| Event::Start(below(tag)))
        }
        Event::End(end) => open.pop().unwrap_or_default().then(|| Event::End(end_below(end))),
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        other => Some(other),
    });
    let mut page = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut page, events);
    page
}

fn is_kept(tag: &Tag<'_>, open: &[bool]) -> bool {
    match tag {
        Tag::Link {
            link_type, dest_url, ..
        } => *link_type == LinkType::Email || is_harmless(dest_url),
        Tag::Image { .. } => false,
        Tag::BlockQuote(_) | Tag::List(_) => open.len() < 2 * DEEPEST,
        Tag::Item => open.last().is_some_and(|list| *list),
        _ => true,
    }
}

/// To the web, to a mailbox, or to a page of ours.
fn is_harmless(link: &str) -> bool {
    match Url::parse(link) {
        Ok(url) => matches!(url.scheme(), "http" | "https" | "mailto"),
        Err(_) => link.starts_with('/') && !link.starts_with("//") && !link.contains('\\'),
    }
}

/// A block of HTML is a paragraph of text; the page has headings above these.
fn below(tag: Tag<'_>) -> Tag<'_> {
    match tag {
        Tag::HtmlBlock => Tag::Paragraph,
        Tag::Heading { level, .. } => Tag::Heading {
            level: level_below(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        },
        tag => tag,
    }
}

fn end_below(end: TagEnd) -> TagEnd {
    match end {
        TagEnd::HtmlBlock => TagEnd::Paragraph,
        TagEnd::Heading(level) => TagEnd::Heading(level_below(level)),
        end => end,
    }
}

const fn level_below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H3,
        _ => HeadingLevel::H4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_set() {
        for (text, html) in [
            ("One.\n\nTwo\nlines.", "<p>One.</p>\n<p>Two\nlines.</p>\n"),
            ("**Why** it *fails*", "<p><strong>Why</strong> it <em>fails</em></p>\n"),
            ("# Big\n\n### Small", "<h3>Big</h3>\n<h4>Small</h4>\n"),
            (
                "<a@example.org> <https://example.org>",
                "<p><a href=\"mailto:a@example.org\">a@example.org</a> \
                 <a href=\"https://example.org\">https://example.org</a></p>\n",
            ),
            ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
            (
                "[us](https://example.org/a?b=1&c=2) [mail](mailto:a@example.org) [here](/webcasts)",
                "<p><a href=\"https://example.org/a?b=1&amp;c=2\">us</a> <a href=\"mailto:a@example.org\">mail</a> \
                 <a href=\"/webcasts\">here</a></p>\n",
            ),
        ] {
            assert_eq!(to_html(text), html);
        }
    }

    #[test]
    fn nothing_in_it_runs() {
        for (text, html) in [
            (
                "<script>alert(1)</script>",
                "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n",
            ),
            ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n"),
            ("[x](javascript:alert(1))", "<p>x</p>\n"),
            ("[x](JaVaScRiPt&#58;alert(1))", "<p>x</p>\n"),
            (
                "[x](data:text/html,hi) [y](//evil.example) [z](/\\evil.example)",
                "<p>x y z</p>\n",
            ),
            ("<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n"),
            ("![a picture](https://example.org/a.png)", "<p>a picture</p>\n"),
            (
                "[x](https://example.org \"a\\\" onclick=b\")",
                "<p><a href=\"https://example.org\" title=\"a&quot; onclick=b\">x</a></p>\n",
            ),
        ] {
            assert_eq!(to_html(text), html, "{text}");
        }
    }

    #[test]
    fn what_is_deep_stays_shallow() {
        let html = to_html(&format!("{}deep", ">".repeat(5_000)));
        assert!(
            html.matches("<blockquote>").count() <= 2 * DEEPEST && html.contains("deep"),
            "{html}"
        );
        assert_eq!(
            html.matches("<blockquote>").count(),
            html.matches("</blockquote>").count()
        );
        let lists = to_html(&format!("{}deep", "- ".repeat(2_000)));
        assert_eq!(lists.matches("<li>").count(), lists.matches("</li>").count());
        assert!(lists.matches("<li>").count() <= 2 * DEEPEST, "{lists}");
    }
}
