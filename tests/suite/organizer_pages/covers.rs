//! What is seen of a webcast before it is read: a pattern of ours or a picture of theirs, for the next time it is published.

use image::ImageFormat;

use super::speakers::{picture, shown_picture};
use super::*;

const WORKSPACE: &str = "/organizer/webcasts/partnering-for-growth";
const PUBLIC: &str = "/webcasts/partnering-for-growth";

/// The picture that stands for a page where it is shared, without the host.
fn shared_picture(page: &str) -> String {
    let address = page.split("property=\"og:image\" content=\"").nth(1).unwrap();
    let address = address.split('"').next().unwrap();
    address.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap()
}

fn has_pattern(page: &str) -> bool {
    page.contains("<svg class=\"banner\"")
}

impl Browser<'_> {
    async fn bytes(&self, path: &str) -> Vec<u8> {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.bytes().await.unwrap().to_vec()
    }

    async fn sends_cover(&self, workspace: &str) -> String {
        let sent = picture(1600, 1200, ImageFormat::Jpeg);
        let to = location(&self.upload(&format!("{workspace}/cover/picture"), &sent).await);
        shown_picture(&self.page(&to).await)
    }
}

on_both_databases! {
    async fn a_pattern_waits_until_it_is_published(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let visitor = Browser::new(&site);
        let card = format!("{PUBLIC}/card.png");
        let plain = visitor.bytes(&card).await;
        let to = location(&browser.post(&format!("{WORKSPACE}/cover"), &[("cover", "rosette")]).await);
        assert!(browser.page(&to).await.contains("until you publish the changes"));
        assert!(!has_pattern(&visitor.page(PUBLIC).await));
        assert!(has_pattern(&browser.page(&format!("{WORKSPACE}/preview")).await));
        assert_eq!(visitor.bytes(&card).await, plain);
        let preview = browser.get(&format!("{WORKSPACE}/card.png")).await;
        assert!(preview.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("no-store"));
        assert_ne!(preview.bytes().await.unwrap(), plain);
        browser.post(&format!("{WORKSPACE}/page/publish"), &[]).await;
        assert!(has_pattern(&visitor.page(PUBLIC).await));
        assert_ne!(visitor.bytes(&card).await, plain);
        assert_eq!(browser.post(&format!("{WORKSPACE}/cover"), &[("cover", "stripes")]).await.status(), StatusCode::BAD_REQUEST);
        browser.post(&format!("{WORKSPACE}/cover"), &[("cover", "none")]).await;
        browser.post(&format!("{WORKSPACE}/page/publish"), &[]).await;
        assert!(!has_pattern(&visitor.page(PUBLIC).await));
        assert_eq!(visitor.bytes(&card).await, plain);
        site.running.stop().await;
    }

    async fn a_picture_stands_on_the_page_and_where_it_is_shared(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let visitor = Browser::new(&site);
        let first = browser.sends_cover(WORKSPACE).await;
        assert_eq!(shared_picture(&visitor.page(PUBLIC).await), format!("{PUBLIC}/card.png"));
        browser.post(&format!("{WORKSPACE}/page/publish"), &[]).await;
        let page = visitor.page(PUBLIC).await;
        assert_eq!((shown_picture(&page), shared_picture(&page)), (first.clone(), first.clone()));
        assert!(page.contains("og:image:width\" content=\"1200\"") && page.contains("og:image:height\" content=\"630\""));
        let jpeg = image::load_from_memory_with_format(&visitor.bytes(&first).await, ImageFormat::Jpeg).unwrap();
        assert_eq!((jpeg.width(), jpeg.height()), (1200, 630));
        // A second one, and a third in its place: the first stays on the page meanwhile, the second is nowhere.
        let second = browser.sends_cover(WORKSPACE).await;
        let third = browser.sends_cover(WORKSPACE).await;
        assert_eq!(visitor.get(&second).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(shown_picture(&visitor.page(PUBLIC).await), first);
        browser.post(&format!("{WORKSPACE}/page/discard"), &[]).await;
        assert_eq!(visitor.get(&third).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(count(&site, "pictures").await, 1);
        // A copy has its own: what becomes of one is nothing to the other.
        let copy = location(&browser.post(&format!("{WORKSPACE}/duplicate"), &[]).await);
        let copy = copy.split('?').next().unwrap().to_owned();
        let of_copy = shown_picture(&browser.page(&format!("{copy}/preview")).await);
        browser.post(&format!("{WORKSPACE}/cover"), &[("cover", "chain")]).await;
        browser.post(&format!("{WORKSPACE}/page/publish"), &[]).await;
        assert_eq!(visitor.get(&first).await.status(), StatusCode::NOT_FOUND);
        visitor.bytes(&of_copy).await;
        browser.post(&format!("{copy}/delete"), &[]).await;
        assert_eq!(count(&site, "pictures").await, 0);
        let small = browser.upload(&format!("{WORKSPACE}/cover/picture"), &picture(300, 200, ImageFormat::Png)).await;
        assert_eq!(small.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(small.text().await.unwrap().contains("This picture is too small"));
        site.running.stop().await;
    }

    async fn a_text_that_is_open_meanwhile_keeps_the_cover(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let form = browser.page(&format!("{WORKSPACE}/page")).await;
        let version = form.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        browser.post(&format!("{WORKSPACE}/cover"), &[("cover", "near")]).await;
        let fields = [
            ("title", "Partnering For Growth, Innovation, And Profits"),
            ("summary", "An hour."),
            ("share_title", "Partner well"),
            ("version", &version),
        ];
        assert_eq!(browser.post(&format!("{WORKSPACE}/page"), &fields).await.status(), StatusCode::SEE_OTHER);
        browser.post(&format!("{WORKSPACE}/page/publish"), &[]).await;
        let page = Browser::new(&site).page(PUBLIC).await;
        assert!(has_pattern(&page) && page.contains("An hour."));
        assert!(page.contains("<meta property=\"og:title\" content=\"Partner well\">"), "{page}");
        site.running.stop().await;
    }

    async fn a_page_that_is_a_draft_again_has_the_text_written_last(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let write = async |summary: &str| {
            let fields = [("title", "Partnering For Growth, Innovation, And Profits"), ("summary", summary)];
            let answer = browser.post(&format!("{WORKSPACE}/page"), &fields).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            browser.page(&format!("{WORKSPACE}/page")).await
        };
        write("Not published yet.").await;
        browser.post(&format!("{WORKSPACE}/unpublish"), &[]).await;
        assert!(browser.page(&format!("{WORKSPACE}/page")).await.contains("Not published yet."));
        let page = write("Written as a draft.").await;
        assert!(page.contains("Written as a draft.") && !page.contains("Publish the changes"), "{page}");
        browser.post(&format!("{WORKSPACE}/publish"), &[]).await;
        assert!(Browser::new(&site).page(PUBLIC).await.contains("Written as a draft."));
        site.running.stop().await;
    }
}
