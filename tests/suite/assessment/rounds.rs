//! Team mode: a link for each person, nothing before the round is closed, and little of few.

use super::*;
use crate::on_both_databases;

/// An open round; gives the path of its page.
async fn open(visit: &Visit) -> String {
    let opened = visit.post("/assessment/rounds", &NAMES).await;
    assert_eq!(opened.status(), StatusCode::SEE_OTHER);
    location(&opened)
}

/// Makes so many links for a side; gives all unused ones of that side.
async fn links(visit: &Visit, round: &str, side: &str, count: usize) -> Vec<String> {
    let count = count.to_string();
    let made = visit
        .post(round, &[("do", "seats"), ("side", side), ("count", count.as_str())])
        .await;
    assert_eq!(made.status(), StatusCode::SEE_OTHER);
    unused(visit, round, side).await
}

async fn unused(visit: &Visit, round: &str, side: &str) -> Vec<String> {
    let name = if side == "us" { "Contoso" } else { "Northwind" };
    let page = visit.page(round).await;
    let of_side = page.split(&format!("aria-label=\"Links for {name}\"")).nth(1).unwrap();
    let of_side = of_side.split("</section>").next().unwrap();
    let links = of_side
        .split("href=\"")
        .skip(1)
        .map(|link| link.split('"').next().unwrap());
    links
        .map(|link| link[link.find("/assessment/").unwrap()..].to_owned())
        .collect()
}

async fn take(visit: &Visit, link: &str, name: Option<&str>) -> String {
    let fields: Vec<(&str, &str)> = match name {
        Some(name) => vec![("named", "yes"), ("name", name)],
        None => Vec::new(),
    };
    let taken = visit.post(link, &fields).await;
    assert_eq!(taken.status(), StatusCode::SEE_OTHER);
    location(&taken)
}

/// So many people of a side answer; gives their private paths.
async fn answered(visit: &Visit, round: &str, side: &str, names: &[Option<&str>]) -> Vec<String> {
    let links = links(visit, round, side, names.len()).await;
    let mut paths = Vec::new();
    for (link, name) in links.iter().zip(names) {
        let path = take(visit, link, *name).await;
        visit
            .answer(&path, if side == "us" { &CONTOSO } else { &NORTHWIND }, "")
            .await;
        paths.push(path);
    }
    paths
}

async fn close(visit: &Visit, round: &str) -> String {
    let closed = visit.post(round, &[("do", "close")]).await;
    visit.page(&location(&closed)).await
}

on_both_databases! {
    async fn five_on_each_side_are_shown_with_their_spread(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        answered(&visit, &round, "us", &[None; 5]).await;
        answered(&visit, &round, "partner", &[None; 5]).await;
        let before = visit.page(&round).await;
        assert!(!before.contains("of 100"), "nothing before it is closed");
        assert!(before.contains("5 of 5 links were used"));
        let page = close(&visit, &round).await;
        for words in [
            "As <bdi>Contoso</bdi> sees it",
            "As <bdi>Northwind</bdi> sees it",
            "5 people answered in time.",
            "57 of 100",
            "64 of 100",
            "1.00, strong",
            "Means of each statement",
            "Each side, as both see it",
            "The two sides clearly see the balance differently on Shared Risk and Shared Rewards.",
        ] {
            assert!(page.contains(words), "{words}");
        }
        visit.end().await;
    }

    async fn without_names_each_side_is_told_from_the_other(test: TestDb) {
        let visit = Visit::start(&test).await;
        let opened = visit.post("/assessment/rounds", &[("type", "internal")]).await;
        let round = location(&opened);
        visit.post(&round, &[("do", "seats"), ("side", "partner"), ("count", "1")]).await;
        let page = visit.page(&round).await;
        assert!(page.contains("<h1>The opening side and The other side, round 1</h1>"));
        let links = page.split("Links for <bdi>The other side</bdi>").nth(1).expect("as the title says");
        let seat = href(links, "/assessment/rounds/");
        assert!(visit.page(&seat).await.contains("You answer for <bdi>Our team</bdi>"));
        let path = take(&visit, &seat, Some("Ada Example")).await;
        assert_eq!(visit.answers_json(&path).await["us"], "Our team");
        visit.answer(&path, &NORTHWIND, "").await;
        let closed = close(&visit, &round).await;
        let of_side = closed.split("As <bdi>The other side</bdi> sees it").nth(1).unwrap();
        assert!(of_side.contains("64 of 100"), "{of_side}");
        assert!(!closed.contains("Our team"));
        visit.end().await;
    }

    async fn three_are_shown_as_means_alone(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        answered(&visit, &round, "us", &[None; 3]).await;
        let page = close(&visit, &round).await;
        assert!(page.contains("57 of 100") && page.contains("3 people answered in time."));
        assert!(!page.contains("How far its people differ") && !page.contains("Means of each statement"));
        assert!(page.contains("Nobody on this side answered in time."));
        visit.end().await;
    }

    async fn fewer_than_three_are_shown_only_where_all_agreed_to_be_named(test: TestDb) {
        let visit = Visit::start(&test).await;
        for (names, is_shown) in [
            (vec![None], false),
            (vec![Some("Ada Example")], true),
            (vec![Some("Ada Example"), None], false),
            (vec![Some("Ada Example"), Some("Ben Example")], true),
        ] {
            let round = open(&visit).await;
            answered(&visit, &round, "us", &names).await;
            let page = close(&visit, &round).await;
            assert_eq!(page.contains("57 of 100"), is_shown, "{names:?}");
            assert_eq!(page.contains("Ada Example"), is_shown, "{names:?}");
            assert_eq!(page.contains("Fewer than three answered"), !is_shown, "{names:?}");
        }
        visit.end().await;
    }

    async fn agreement_to_be_named_can_be_changed_until_the_round_is_closed(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        let paths = answered(&visit, &round, "us", &[None]).await;
        visit.do_on_mine(&paths[0], "name", &[("named", "yes"), ("name", "Ada Example")]).await;
        assert!(close(&visit, &round).await.contains("Ada Example"));
        let late = visit.do_on_mine(&paths[0], "name", &[]).await;
        assert!(late.contains("changes no more"), "and says so");
        assert!(visit.page(&round).await.contains("Ada Example"), "too late: the report is out");
        visit.end().await;
    }

    async fn one_of_several_speaks_for_nobody_else(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        let path = answered(&visit, &round, "us", &[None]).await.remove(0);
        let mine = visit.mine(&path).await;
        assert!(mine.contains("This shows how you see the partnership"));
        let view = href(&mine, "/assessment/results/").replace("/report.pdf", "");
        let page = visit.page(&view).await;
        assert!(page.contains("As one person of <bdi>Contoso</bdi> sees it"));
        assert!(page.contains("This shows how one person of <bdi>Contoso</bdi> sees the partnership"));
        let pdf = visit.get(&format!("{view}/report.pdf")).await.bytes().await.unwrap();
        assert!(result::pdf_tool("pdftotext", &["-raw", "-", "-"], &pdf).contains("As one person of Contoso"));
        visit.end().await;
    }

    async fn a_link_works_once(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        let links = links(&visit, &round, "partner", 2).await;
        assert!(visit.page(&links[0]).await.contains("You answer for <bdi>Northwind</bdi>"));
        let path = take(&visit, &links[0], None).await;
        let answers = visit.answers_json(&path).await;
        assert_eq!(answers["us"], "Northwind", "the own side comes first");
        let again = visit.post(&links[0], &[]).await;
        assert!(visit.page(&location(&again)).await.contains("This link was used"));
        assert_eq!(unused(&visit, &round, "partner").await, links[1..]);
        visit.end().await;
    }

    async fn late_answers_count_in_the_next_round(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        answered(&visit, &round, "us", &[None; 3]).await;
        let links = links(&visit, &round, "us", 2).await;
        let late = take(&visit, &links[0], None).await;
        close(&visit, &round).await;
        let closed = visit.page(&links[1]).await;
        assert!(closed.contains("This round is closed"));
        visit.clock.advance(jiff::SignedDuration::from_secs(60));
        visit.answer(&late, &NORTHWIND, "").await;
        assert!(visit.page(&round).await.contains("3 people answered in time."));
        let next = location(&visit.post(&round, &[("do", "next")]).await);
        assert_ne!(next, round);
        assert_eq!(location(&visit.post(&round, &[("do", "next")]).await), next, "there is one next round");
        assert!(visit.page(&links[1]).await.contains("You answer for"), "an unused link goes over");
        answered(&visit, &next, "us", &[None; 2]).await;
        let page = close(&visit, &next).await;
        assert!(page.contains("round 2") && page.contains("3 people answered in time."), "two and the late one");
        visit.end().await;
    }

    async fn used_links_stay_behind_when_the_next_round_opens(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        let links = links(&visit, &round, "us", 2).await;
        let path = take(&visit, &links[0], None).await;
        visit.post(&format!("{path}/delete"), &[]).await;
        close(&visit, &round).await;
        let next = location(&visit.post(&round, &[("do", "next")]).await);
        assert!(visit.page(&next).await.contains("0 of 1 links were used"), "only the unused one goes over");
        visit.end().await;
    }

    async fn a_name_without_the_tick_is_told(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        let seat = links(&visit, &round, "us", 1).await.remove(0);
        let refused = visit.post(&seat, &[("name", "Ada Example")]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text().await.unwrap();
        assert!(page.contains("Tick the box to have the name shown") && page.contains("value=\"Ada Example\""));
        assert!(!page.contains("value=\"yes\" checked"));
        let path = take(&visit, &seat, None).await;
        visit.answer(&path, &CONTOSO, "").await;
        let late = visit.post(&format!("{path}/name"), &[("name", "Ada Example")]).await;
        assert_eq!(late.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(late.text().await.unwrap().contains("value=\"Ada Example\""));
        let nameless = visit.post(&format!("{path}/name"), &[("named", "yes")]).await;
        assert!(nameless.text().await.unwrap().contains("name=\"named\" type=\"checkbox\" value=\"yes\" checked"));
        visit.do_on_mine(&path, "name", &[("named", "yes"), ("name", "Ada Example")]).await;
        let back = visit.do_on_mine(&path, "name", &[("name", "Ada Example")]).await;
        assert!(back.contains("is saved."), "without the tick it is taken back");
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_seats WHERE name IS NOT NULL").await, 0);
        visit.end().await;
    }

    async fn what_was_counted_changes_no_more(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        let paths = answered(&visit, &round, "us", &[None; 3]).await;
        close(&visit, &round).await;
        let refused = visit.send(&format!("{}?page=1", paths[0]), &fields(&[("VI", "0000", "0000")])).await;
        assert!(location(&refused).ends_with("done=frozen"));
        assert!(visit.page(&round).await.contains("57 of 100"));
        visit.end().await;
    }

    async fn of_a_factor_that_few_rated_nothing_is_shown(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        let links = links(&visit, &round, "us", 3).await;
        let silent = [CONTOSO[0], CONTOSO[1], CONTOSO[2], CONTOSO[3], ("VA", "dddd", "dddd")];
        let outspoken = [CONTOSO[0], CONTOSO[1], CONTOSO[2], CONTOSO[3], ("VA", "4444", "0001")];
        for (link, ratings) in links.iter().zip([&silent, &silent, &outspoken]) {
            let path = take(&visit, link, None).await;
            visit.answer(&path, ratings, "").await;
        }
        let page = close(&visit, &round).await;
        let values = page.split("<th scope=\"row\">Values</th>").nth(1).unwrap().split("</tr>").next().unwrap();
        assert_eq!(values.matches("–").count(), 3, "{values}");
        visit.end().await;
    }

    async fn deleting_takes_the_result_of_that_side_away(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        let paths = answered(&visit, &round, "us", &[None; 4]).await;
        answered(&visit, &round, "partner", &[None; 3]).await;
        close(&visit, &round).await;
        visit.post(&format!("{}/delete", paths[0]), &[]).await;
        let page = visit.page(&round).await;
        assert!(page.contains("Somebody deleted their answers since"));
        assert!(page.contains("4 people answered in time. 1 of them deleted their answers since."));
        assert!(!page.contains("57 of 100") && page.contains("64 of 100"), "the other side stays");
        visit.end().await;
    }

    async fn a_round_is_deleted_and_its_people_keep_their_results(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        let paths = answered(&visit, &round, "us", &[None; 3]).await;
        visit.post(&round, &[("do", "close")]).await;
        assert!(visit.page(&format!("{}/delete", paths[0])).await.contains("gone with them"));
        visit.post(&round, &[("do", "delete")]).await;
        assert_eq!(visit.get(&round).await.status(), StatusCode::NOT_FOUND);
        let page = visit.mine(&paths[0]).await;
        assert!(page.contains("<span class=\"index-number\">57</span>"));
        assert!(page.contains("The round is gone") && !page.contains("There is no joint report"));
        assert!(page.contains("This shows how you see the partnership"));
        assert!(!visit.page(&format!("{}/delete", paths[0])).await.contains("gone with them"));
        let view = href(&page, "/assessment/results/").replace("/report.pdf", "");
        assert!(visit.page(&view).await.contains("one person of <bdi>Contoso</bdi>"), "and speaks for nobody else still");
        visit.end().await;
    }

    async fn rounds_opened_too_often_lose_nothing_that_was_typed(test: TestDb) {
        let visit = Visit::start_with(&test, &[("rate_limit_ip", "1/day")]).await;
        let refused = loop {
            let answer = visit.post("/assessment/rounds", &NAMES).await;
            if answer.status() != StatusCode::SEE_OTHER {
                break answer;
            }
        };
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        let page = refused.text().await.unwrap();
        assert!(page.contains("value=\"Contoso\"") && page.contains("value=\"Northwind\""));
        assert!(page.split("role=\"alert\"").nth(1).unwrap().contains("Nothing was sent"));
        visit.end().await;
    }

    async fn wrong_requests_are_told(test: TestDb) {
        let visit = Visit::start(&test).await;
        let round = open(&visit).await;
        for fields in [
            vec![("do", "seats"), ("side", "us"), ("count", "0")],
            vec![("do", "seats"), ("side", "us"), ("count", "51")],
            vec![("do", "seats"), ("side", "them"), ("count", "5")],
            vec![("do", "seats"), ("side", "us"), ("count", "many")],
            vec![("do", "next")],
            vec![("do", "dance")],
            vec![],
        ] {
            assert_eq!(visit.post(&round, &fields).await.status(), StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        }
        let links = links(&visit, &round, "us", 1).await;
        let unnamed = visit.post(&links[0], &[("named", "yes"), ("name", "")]).await;
        assert_eq!(unnamed.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(unnamed.text().await.unwrap().contains("Enter your name."));
        for _ in 0..3 {
            visit.post(&round, &[("do", "seats"), ("side", "us"), ("count", "50")]).await;
        }
        let full = visit.post(&round, &[("do", "seats"), ("side", "us"), ("count", "50")]).await;
        assert_eq!(full.status(), StatusCode::UNPROCESSABLE_ENTITY);
        visit.end().await;
    }
}
