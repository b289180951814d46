//! Who speaks: somebody new with a picture, somebody from before, their order; and pictures that are none.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};

use super::*;

pub(super) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

impl Browser<'_> {
    pub(super) async fn upload(&self, path: &str, bytes: &[u8]) -> Response {
        let mut body = b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"me.png\"\r\nContent-Type: image/png\r\n\r\n".to_vec();
        body.extend(bytes);
        body.extend(b"\r\n--edge--\r\n");
        self.client
            .post(format!("{}{path}", self.site.base))
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// Somebody new on the sample webcast; gives the address of their page.
    async fn new_speaker(&self, name: &str) -> String {
        let fields = [
            ("name", name),
            ("role", "Speaker"),
            ("firm", "Contoso"),
            ("bio", "Builds\nbridges."),
        ];
        let to = location(
            &self
                .post(&format!("/organizer/webcasts/{SLUG}/speakers/new"), &fields)
                .await,
        );
        to.split('?').next().unwrap().to_owned()
    }
}

pub(super) fn shown_picture(page: &str) -> String {
    let path = page
        .split("src=\"/pictures/")
        .nth(1)
        .unwrap_or_else(|| panic!("no picture in {page}"));
    format!("/pictures/{}", path.split('"').next().unwrap())
}

/// In the order of the public page.
fn names(page: &str) -> Vec<String> {
    let names = page.split("<p class=\"name\"><bdi>").skip(1);
    names.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

on_both_databases! {
    async fn somebody_new_speaks_and_has_a_picture(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let ada = browser.new_speaker("Ada O'Byron").await;
        let page = browser.page(&format!("{ada}?done=added")).await;
        assert!(page.contains("Ada O&#39;Byron") && page.contains("Builds bridges."), "{page}");
        let to = location(&browser.upload(&format!("{ada}/picture"), &picture(1200, 900, ImageFormat::Png)).await);
        let first = shown_picture(&browser.page(&to).await);
        let visitor = Browser::new(&site);
        let answer = visitor.get(&first).await;
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "image/jpeg");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "public, max-age=86400");
        let jpeg = answer.bytes().await.unwrap();
        let small = image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg).unwrap();
        assert_eq!((small.width(), small.height()), (480, 480));
        let public = visitor.page(&format!("/webcasts/{SLUG}")).await;
        assert!(public.contains(&first) && public.contains("Speaker, Contoso"), "{public}");
        // Another one takes its place, and the first is nowhere any more.
        browser.upload(&format!("{ada}/picture"), &picture(300, 500, ImageFormat::WebP)).await;
        assert_eq!(visitor.get(&first).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(count(&site, "pictures").await, 1);
        browser.post(&format!("{ada}/picture/remove"), &[]).await;
        assert_eq!(count(&site, "pictures").await, 0);
        assert!(visitor.page(&format!("/webcasts/{SLUG}")).await.contains("<span class=\"face\" aria-hidden=\"true\">AO"));
        site.running.stop().await;
    }

    async fn what_is_no_picture_is_not_kept(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.add("vera@example.org", Role::Viewer).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let path = format!("{}/picture", browser.new_speaker("Ada Byron").await);
        let png = picture(600, 600, ImageFormat::Png);
        let cut = &png[..png.len() / 3];
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        for (bytes, words) in [
            (&b""[..], "Choose a picture first."),
            (svg, "in PNG, JPEG or WebP"),
            (b"GIF89a\x01\0\x01\0\0\0\0;", "in PNG, JPEG or WebP"),
            (cut, "damaged"),
            (b"\xff\xd8\xff\xe0 lies", "damaged"),
        ] {
            let answer = browser.upload(&path, bytes).await;
            assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{words}");
            let page = answer.text().await.unwrap();
            assert!(page.contains(words) && page.contains("Please check:"), "{words}: {page}");
        }
        let large = browser.upload(&path, &vec![b'x'; 9 * 1024 * 1024]).await;
        assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(browser.post(&path, &[("file", "x")]).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        // Who may not, and who is not signed in.
        let viewer = Browser::signed_in(&site, "vera@example.org").await;
        assert_eq!(viewer.upload(&path, &png).await.status(), StatusCode::FORBIDDEN);
        asks_who_is_there(Browser::new(&site).upload(&path, &png).await).await;
        assert_eq!(count(&site, "pictures").await, 0);
        site.running.stop().await;
    }

    async fn speakers_are_put_in_order_and_used_again(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let visitor = Browser::new(&site);
        let public = format!("/webcasts/{SLUG}");
        assert_eq!(names(&visitor.page(&public).await), ["Francine Allaire", "Daniel Stevenson", "The host"]);
        let speakers = format!("/organizer/webcasts/{SLUG}/speakers");
        let page = browser.page(&speakers).await;
        let ids: Vec<String> = page.split("name=\"place_").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        let (francine, daniel, host) = (&ids[0], &ids[1], &ids[2]);
        let fields = [(format!("place_{francine}"), "2"), (format!("place_{daniel}"), "1.5"), (format!("place_{host}"), "last"), (format!("remove_{host}"), "yes")];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        browser.post(&speakers, &fields).await;
        assert_eq!(names(&visitor.page(&public).await), ["Daniel Stevenson", "Francine Allaire"]);
        // The host is still known, and speaks again with one click; nobody speaks twice.
        assert!(browser.page(&speakers).await.contains("The host (Host)"));
        for _ in 0..2 {
            let to = location(&browser.post(&format!("{speakers}/known"), &[("presenter", host)]).await);
            assert!(browser.page(&to).await.contains("Added. Everybody sees it."));
        }
        assert_eq!(names(&visitor.page(&public).await), ["Daniel Stevenson", "Francine Allaire", "The host"]);
        for bad in ["", "x"] {
            assert_eq!(browser.post(&format!("{speakers}/known"), &[("presenter", bad)]).await.status(), StatusCode::NOT_FOUND);
        }
        // Two have the page of one open: the second is told.
        let host = format!("/organizer/presenters/{host}");
        let form = browser.page(&host).await;
        let version = form.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let correct = async |name: &str| browser.post(&host, &[("name", name), ("role", "Host"), ("firm", ""), ("bio", ""), ("version", &version)]).await;
        assert_eq!(correct("Mira Host").await.status(), StatusCode::SEE_OTHER);
        let second = correct("Mira Hosts").await;
        assert_eq!(second.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = second.text().await.unwrap();
        assert!(page.contains("Somebody else changed this") && page.contains("Mira Hosts") && page.contains("Mira Host"), "{page}");
        // Who speaks somewhere stays; who speaks nowhere can go.
        assert!(location(&browser.post(&format!("{host}/delete"), &[]).await).contains("done=kept"));
        let id = host.rsplit('/').next().unwrap().to_owned();
        browser.post(&speakers, &[(format!("remove_{id}").as_str(), "yes")]).await;
        assert!(location(&browser.post(&format!("{host}/delete"), &[]).await).contains("done=presenter"));
        assert_eq!(browser.get(&host).await.status(), StatusCode::NOT_FOUND);
        site.running.stop().await;
    }

    async fn a_copy_has_the_same_speakers(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        let copy = location(&browser.post(&format!("/organizer/webcasts/{SLUG}/duplicate"), &[]).await);
        let copy = copy.split('?').next().unwrap();
        assert_eq!(names(&browser.page(&format!("{copy}/preview")).await), ["Francine Allaire", "Daniel Stevenson", "The host"]);
        assert_eq!(count(&site, "presenters").await, 3);
        site.running.stop().await;
    }
}

#[test]
fn the_helper_has_no_way_out() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_commonground"))
        .args(["read-upload", "wide"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let limits = format!("/proc/{}/limits", child.id());
    let soft = |name: &str| {
        let text = std::fs::read_to_string(&limits).unwrap();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        line[name.len()..].split_whitespace().next().unwrap().to_owned()
    };
    // It waits for the picture meanwhile; the limits come before it reads.
    while soft("Max open files") != "0" {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    while soft("Max processes") != "0" {
        std::thread::yield_now();
    }
    assert_eq!(soft("Max address space"), (256 * 1024 * 1024).to_string());
    assert_eq!(soft("Max cpu time"), "10");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(&picture(4000, 3000, ImageFormat::Jpeg))
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stdout[8..].starts_with(b"\xff\xd8\xff"),
        "{:?}",
        output.status
    );
}
