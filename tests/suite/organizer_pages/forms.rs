//! What forms ask: organizers set it, visitors answer, files have it.

use commonground::values::LinkPurpose;

use super::*;

const FORM: &str = "/organizer/webcasts/partnering-for-growth/form";
const PAPER_FORM: &str = "/organizer/papers/creating-effective-strategic-partnerships/form";
const PAGE: &str = "/webcasts/partnering-for-growth";

impl Browser<'_> {
    /// Asks one more question, at the end.
    pub(super) async fn asks(&self, form: &str, kind: &str, fields: &[(&str, &str)]) {
        let to = location(&self.post(&format!("{form}/questions/new?kind={kind}"), fields).await);
        assert!(to.ends_with("?done=question"), "{to}");
    }

    /// The page of the question with this label.
    async fn question(&self, form: &str, label: &str) -> String {
        let page = self.page(form).await;
        let before = page.split(&format!("<bdi>{label}</bdi>")).next().unwrap();
        let at = before
            .rfind("href=\"")
            .unwrap_or_else(|| panic!("no question {label}: {page}"));
        before[at + 6..].split('"').next().unwrap().to_owned()
    }

    async fn refused(&self, path: &str, fields: &[(&str, &str)], status: StatusCode, words: &str) {
        let answer = self.post(path, fields).await;
        let (answered, page) = (answer.status(), answer.text().await.unwrap());
        assert!(
            answered == status && page.contains(words),
            "{path}: {answered}, {words}\n{page}"
        );
    }

    /// Saves what its owner changes of a registration.
    async fn changes(&self, mine: &str, fields: &[(&str, &str)]) -> Response {
        let page = self.page(mine).await;
        let version = page
            .split("name=\"answers\" value=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let fields: Vec<_> = [("answers", version)]
            .into_iter()
            .chain(fields.iter().copied())
            .collect();
        self.post(&format!("{mine}/edit"), &fields).await
    }

    /// Posts the registration, over what a good one says.
    async fn registers(&self, session: PublicId, more: &[(&str, &str)]) -> Response {
        let session = session.to_string();
        let mut fields = vec![("session", session.as_str()), ("email", "ada@example.org")];
        fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        fields.extend(more);
        self.post(&format!("{PAGE}/register"), &fields).await
    }
}

impl Site {
    /// The personal page of the only registration.
    async fn page_of_only_seat(&self) -> String {
        let mut conn = self.running.state.db.read().await.unwrap();
        let id: Vec<u8> =
            on_db!(conn, c => sqlx::query_scalar("SELECT public_id FROM registrations").fetch_one(c).await).unwrap();
        let id = PublicId::try_from(id).unwrap();
        format!(
            "/registrations/{}",
            self.running.state.links.sign(LinkPurpose::Registration, id, 0)
        )
    }
}

/// The attendees of the file, as headings and rows.
async fn file(browser: &Browser<'_>, path: &str) -> Vec<Vec<String>> {
    let text = browser.page(path).await;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

fn cell<'f>(file: &'f [Vec<String>], heading: &str, row: usize) -> &'f str {
    let column = file[0].iter().position(|cell| cell == heading);
    &file[row][column.unwrap_or_else(|| panic!("no column {heading}: {:?}", file[0]))]
}

/// A form with every field and every kind of question.
async fn every_kind(browser: &Browser<'_>) {
    let fields = [
        ("name", "first_last"),
        ("company", "required"),
        ("job_title", "optional"),
        ("country", "required"),
        ("phone", "required"),
    ];
    assert!(location(&browser.post(FORM, &fields).await).ends_with("?done=saved"));
    browser
        .asks(FORM, "text", &[("label", "Your team"), ("required", "yes")])
        .await;
    browser
        .asks(
            FORM,
            "long_text",
            &[
                ("label", "What do you want to know?"),
                ("help", "The speakers read it."),
            ],
        )
        .await;
    browser
        .asks(
            FORM,
            "one_of",
            &[
                ("label", "Your role"),
                ("options", "Chief\nDeputy\nStudent"),
                ("required", "yes"),
            ],
        )
        .await;
    browser
        .asks(
            FORM,
            "many_of",
            &[
                ("label", "Topics"),
                ("options", "Risk\nReward; shared\nValues"),
                ("required", "yes"),
            ],
        )
        .await;
    browser
        .asks(FORM, "yes_no", &[("label", "In a partnership?"), ("required", "yes")])
        .await;
    browser
        .asks(
            FORM,
            "number",
            &[
                ("label", "How many partners?"),
                ("asked_if", "in_a_partnership=yes"),
                ("required", "yes"),
            ],
        )
        .await;
    browser
        .asks(
            FORM,
            "date",
            &[("label", "Since when?"), ("asked_if", "in_a_partnership=yes")],
        )
        .await;
    browser
        .asks(FORM, "country", &[("label", "Where is the partner?")])
        .await;
    browser.asks(FORM, "phone", &[("label", "Their number")]).await;
    browser
        .asks(FORM, "consent", &[("label", "Share my address."), ("required", "yes")])
        .await;
    let role = browser.question(FORM, "Your role").await;
    let ruled = [
        ("label", "Your role"),
        ("required", "yes"),
        ("option_chief", "Chief"),
        ("option_deputy", "Deputy"),
        ("option_student", "Student"),
        ("rules_out_student", "yes"),
        ("ineligible", "Students find the recording at their school."),
    ];
    assert!(location(&browser.post(&role, &ruled).await).ends_with("?done=question"));
}

const GOOD: [(&str, &str); 16] = [
    ("first_name", "Ada"),
    ("last_name", "Lovelace"),
    ("company", "=Engines"),
    ("job_title", ""),
    ("country", "de"),
    ("phone", "030 / 123 45 67"),
    ("q_your_team", " Analysis "),
    ("q_what_do_you_want_to_know", "First.\r\nSecond."),
    ("q_your_role", "chief"),
    ("q_topics", "values"),
    ("q_topics", "risk"),
    ("q_in_a_partnership", "yes"),
    ("q_how_many_partners", "02.50"),
    ("q_since_when", "2024-02-29"),
    ("q_their_number", "+1 202 555 0123"),
    ("q_share_my_address", "yes"),
];

/// The same with one field filled in otherwise.
fn but(field: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    GOOD.iter()
        .copied()
        .filter(|(name, _)| *name != field)
        .chain([(field, value)])
        .collect()
}

on_both_databases! {
    async fn a_form_with_every_kind_is_refused_for_every_reason_and_then_taken(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let (browser, visitor, session) = (Browser::signed_in(&site, "olga@example.org").await, Browser::new(&site), site.upcoming().await);
        // The form of before is known here already: what changes is seen by the next post.
        assert_eq!(visitor.registers(session, &[("name", "Bob"), ("email", "bob@example.org")]).await.status(), StatusCode::SEE_OTHER);
        every_kind(&browser).await;
        let page = visitor.page(PAGE).await;
        for piece in [
            "name=\"first_name\"", "autocomplete=\"organization\"", "<option value=\"DE\">Germany</option>", "type=\"tel\"", "type=\"date\"",
            "<textarea id=\"q_what_do_you_want_to_know\"", "inputmode=\"decimal\"", "data-asked-if=\"q_in_a_partnership\" data-asked-is=\"yes\"",
            "Only if “In a partnership?” is answered with “Yes”.", "The speakers read it.", "id=\"q_share_my_address\"",
        ] {
            assert!(page.contains(piece), "{piece}: {page}");
        }
        assert!(!page.contains("name=\"name\""), "{page}");
        // Nothing at all: every mistake at once.
        let empty = visitor.registers(session, &[]).await;
        assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = empty.text().await.unwrap();
        for words in [
            "Enter your first name.", "Enter your last name.", "Enter the name of your company.", "Choose your country.", "Enter your telephone number.",
            "Answer this question.", "Choose one of the answers.", "Choose at least one of the answers.", "Choose yes or no.", "Tick this box to go on.",
            "10 things need your attention",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("Enter a number."), "what is not asked is not missed");
        for (field, value, words) in [
            ("last_name", "www.example.org/x", "Enter a name without a web address."),
            ("country", "Atlantis", "Choose a country of the list."),
            ("phone", "12", "Enter a telephone number such as +49 30123456."),
            ("company", "a\u{0}b", "Enter one line without control characters."),
            ("q_what_do_you_want_to_know", "a\u{1b}b", "Enter the text without control characters."),
            ("q_your_role", "king", "Choose one of the answers."),
            ("q_topics", "weather", "Choose one of the answers."),
            ("q_in_a_partnership", "maybe", "Choose yes or no."),
            ("q_how_many_partners", "", "Enter a number."),
            ("q_how_many_partners", "2,5", "Enter the number with a point"),
            ("q_since_when", "2023-02-29", "Enter a date that there is"),
            ("q_where_is_the_partner", "XX", "Choose a country of the list."),
            ("q_their_number", "call me", "Enter a telephone number such as"),
            ("q_share_my_address", "no", "Tick this box to go on."),
            ("q_your_role", "student", "Students find the recording at their school."),
        ] {
            let refused = visitor.registers(session, &but(field, value)).await;
            assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{field}={value}");
            let page = refused.text().await.unwrap();
            assert!(page.contains(words) && page.contains(&format!("id=\"{field}-problem\"")), "{field}={value}: {page}");
            assert!((page.contains("One thing needs your attention") || field == "country") && page.contains("value=\"Ada\"") && page.contains("value=\"chief\""), "{field}={value}: {page}");
        }
        let count = async |query: &'static str| {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_scalar::<_, i64>(query).fetch_one(c).await).unwrap()
        };
        assert_eq!(count("SELECT COUNT(*) FROM contacts").await, 1, "nothing is kept of who was refused");
        browser.page_with(FORM, "Has ruled out one person.").await;
        assert_eq!(visitor.registers(session, &GOOD).await.status(), StatusCode::SEE_OTHER);
        let attendees = file(&browser, &format!("/organizer/exports/attendees.csv?session={session}")).await;
        for (heading, value) in [
            ("Full name", "Ada Lovelace"), ("First name", "Ada"), ("Last name", "Lovelace"), ("Company", "'=Engines"), ("Job title", ""),
            ("Phone", "+49301234567"), ("Country", "DE"), ("Your team", "Analysis"), ("What do you want to know?", "First.\nSecond."),
            ("Your role", "Chief"), ("Topics", "Risk; Values"), ("In a partnership?", "yes"), ("How many partners?", "2.5"),
            ("Since when?", "2024-02-29"), ("Where is the partner?", ""), ("Their number", "+12025550123"), ("Share my address.", "yes"),
        ] {
            assert_eq!(cell(&attendees, heading, 2), value, "{heading}");
        }
        let (mail, tags) = (attendees[0].iter().position(|cell| cell == "Mail state"), attendees[0].iter().position(|cell| cell == "Tags"));
        assert_eq!(tags.unwrap() - mail.unwrap(), 11, "the questions stand between: {:?}", attendees[0]);
        let chosen = file(&browser, &format!("/organizer/exports/attendees.csv?session={session}&columns=email,q_topics")).await;
        assert_eq!(chosen[2], ["ada@example.org", "Risk; Values"]);
        // What organizers see of the person.
        let people = browser.page(&format!("/organizer/people?session={session}")).await;
        let person = people.split("href=\"/organizer/people/").find(|row| !row.starts_with("new\"") && row.contains("Ada Lovelace")).unwrap();
        let page = browser.page(&format!("/organizer/people/{}", person.split('"').next().unwrap())).await;
        for piece in ["=Engines", "href=\"tel:+49301234567\"", "Germany", "Your team", "Analysis", "<bdi>Risk; Values</bdi>"] {
            assert!(page.contains(piece), "{piece}: {page}");
        }
        site.running.stop().await;
    }

    async fn answers_to_what_was_not_asked_are_dropped_and_the_owner_changes_the_rest(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let (browser, visitor, session) = (Browser::signed_in(&site, "olga@example.org").await, Browser::new(&site), site.upcoming().await);
        browser.asks(FORM, "yes_no", &[("label", "Partner?")]).await;
        browser.asks(FORM, "one_of", &[("label", "Which?"), ("options", "One\nTwo"), ("asked_if", "partner=yes")]).await;
        browser.asks(FORM, "number", &[("label", "How old?"), ("asked_if", "which=one"), ("required", "yes")]).await;
        let fields = [("name", "Ada"), ("q_partner", "no"), ("q_which", "one"), ("q_how_old", "7"), ("q_nobody_asked", "x")];
        assert_eq!(visitor.registers(session, &fields).await.status(), StatusCode::SEE_OTHER);
        let values = async || -> Vec<String> {
            let mut conn = site.running.state.db.read().await.unwrap();
            on_db!(conn, c => sqlx::query_scalar("SELECT value FROM answers ORDER BY question_id").fetch_all(c).await).unwrap()
        };
        assert_eq!(values().await, ["no"]);
        let mine = site.page_of_only_seat().await;
        let page = visitor.page(&mine).await;
        assert!(page.contains("id=\"q_partner-is-no\" name=\"q_partner\" value=\"no\" checked"), "{page}");
        let edit = format!("{mine}/edit");
        let refused = visitor.changes(&mine, &[("name", "Ada"), ("q_partner", "yes"), ("q_which", "one")]).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().await.unwrap().contains("Enter a number."));
        let good = [("name", "Ada B."), ("q_partner", "yes"), ("q_which", "one"), ("q_how_old", "7")];
        assert!(location(&visitor.changes(&mine, &good).await).ends_with("?done=saved"));
        assert_eq!(values().await, ["yes", "One", "7"]);
        // The button that applies a name alone leaves the answers, also where it is refused and sent again.
        assert!(location(&visitor.post(&edit, &[("name", "Ada C.")]).await).ends_with("?done=saved"));
        assert_eq!(values().await, ["yes", "One", "7"]);
        let refused = visitor.post(&edit, &[("name", "Ada D."), ("session", "AAAAAAAAAAAAAAAAAAAAAA")]).await;
        let page = refused.text().await.unwrap();
        assert!(page.contains("Choose one of the sessions.") && page.contains("value=\"Ada D.\"") && page.contains("value=\"one\" checked") && page.contains("value=\"7\""), "{page}");
        // A page that was opened before the form was changed is shown again, with what was typed.
        let old = visitor.post(&edit, &[("answers", "1"), ("name", "Ada E."), ("q_partner", "no")]).await;
        assert_eq!(old.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = old.text().await.unwrap();
        assert!(page.contains("The form was changed since you opened this page.") && page.contains("value=\"Ada E.\""), "{page}");
        // Cleared again.
        assert!(location(&visitor.changes(&mine, &[("name", "Ada C."), ("q_partner", "")]).await).ends_with("?done=saved"));
        assert_eq!(values().await, Vec::<String>::new());
        site.running.stop().await;
    }

    async fn questions_hang_on_earlier_ones_alone(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let browser = Browser::signed_in(&site, "olga@example.org").await;
        browser.asks(FORM, "yes_no", &[("label", "First")]).await;
        browser.asks(FORM, "one_of", &[("label", "Second"), ("options", "A\nB\nC"), ("asked_if", "first=yes")]).await;
        browser.asks(FORM, "text", &[("label", "Third"), ("asked_if", "second=b")]).await;
        let (first, second) = (browser.question(FORM, "First").await, browser.question(FORM, "Second").await);
        let earlier = "Choose an answer to a question that comes before this one.";
        for (path, fields) in [
            (first.clone(), vec![("label", "First"), ("asked_if", "second=a")]),
            (first.clone(), vec![("label", "First"), ("asked_if", "first=yes")]),
            (format!("{FORM}/questions/new?kind=text"), vec![("label", "Fourth"), ("asked_if", "nobody=yes")]),
            (format!("{FORM}/questions/new?kind=text"), vec![("label", "Fourth"), ("asked_if", "second=z")]),
            (format!("{FORM}/questions/new?kind=text"), vec![("label", "Fourth"), ("asked_if", "third=x")]),
        ] {
            browser.refused(&path, &fields, StatusCode::UNPROCESSABLE_ENTITY, earlier).await;
        }
        let id = second.rsplit('/').next().unwrap().to_owned();
        browser.refused(&format!("{FORM}/order"), &[("question", &id), ("to", "up")], StatusCode::UNPROCESSABLE_ENTITY, "“Second” is asked only after").await;
        browser.refused(&format!("{FORM}/order"), &[("question", &id), ("to", "down")], StatusCode::UNPROCESSABLE_ENTITY, "“Third” is asked only after").await;
        browser.refused(&format!("{first}/delete"), &[], StatusCode::UNPROCESSABLE_ENTITY, "“Second” is asked only after").await;
        let without_b = [("label", "Second"), ("option_a", "A"), ("option_b", ""), ("option_c", "C"), ("asked_if", "first=yes")];
        browser.refused(&second, &without_b, StatusCode::UNPROCESSABLE_ENTITY, "“Third” is asked only after").await;
        // Worded anew, the answer is the same one.
        let reworded = [("label", "Second"), ("option_a", "A"), ("option_b", "Bee"), ("option_c", ""), ("asked_if", "first=yes")];
        assert!(location(&browser.post(&second, &reworded).await).ends_with("?done=question"));
        assert!(browser.page(FORM).await.contains("Only if “Second” is answered with “Bee”."));
        // Two who write the same question.
        let state = |page: &str| page.split("name=\"state\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let opened = state(&browser.page(&second).await);
        assert!(location(&browser.post(&second, &[("label", "Second?"), ("option_a", "A"), ("option_b", "Bee"), ("asked_if", "first=yes"), ("state", &opened)]).await).ends_with("question"));
        let fields = [("label", "Mine"), ("option_a", "A"), ("option_b", "Bee"), ("asked_if", "first=yes"), ("state", opened.as_str())];
        browser.refused(&second, &fields, StatusCode::CONFLICT, "Somebody else changed this question").await;
        let again = browser.post(&second, &fields).await.text().await.unwrap();
        assert!(again.contains("value=\"Mine\""), "what was typed is there: {again}");
        site.running.stop().await;
    }

    async fn a_deleted_question_stays_in_files_and_its_key_is_never_used_again(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let (browser, visitor, session) = (Browser::signed_in(&site, "olga@example.org").await, Browser::new(&site), site.upcoming().await);
        browser.asks(FORM, "text", &[("label", "Budget")]).await;
        browser.asks(FORM, "text", &[("label", "Unused")]).await;
        assert_eq!(visitor.registers(session, &[("name", "Ada"), ("q_budget", "12")]).await.status(), StatusCode::SEE_OTHER);
        for label in ["Budget", "Unused"] {
            let path = browser.question(FORM, label).await;
            let to = location(&browser.post(&format!("{path}/delete"), &[]).await);
            assert!(browser.page(&to).await.contains("What was answered stays in exports."), "{to}");
        }
        assert!(!visitor.page(PAGE).await.contains("Budget"));
        let export = format!("/organizer/exports/attendees.csv?session={session}");
        let attendees = file(&browser, &export).await;
        assert_eq!(cell(&attendees, "Budget", 1), "12");
        assert!(!attendees[0].contains(&"Unused".to_owned()));
        browser.asks(FORM, "number", &[("label", "Budget")]).await;
        let page = visitor.page(PAGE).await;
        assert!(page.contains("name=\"q_budget_2\"") && !page.contains("name=\"q_budget\""), "{page}");
        // Undone, it is asked again.
        let path = browser.question(FORM, "Budget").await;
        let page = browser.page(&location(&browser.post(&format!("{path}/delete"), &[]).await)).await;
        let undo = page.split("action=\"/organizer/undo/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let back = location(&browser.post(&format!("/organizer/undo/{undo}"), &[]).await);
        assert!(browser.page(&back).await.contains("Undone. All is as it was."));
        assert!(visitor.page(PAGE).await.contains("name=\"q_budget_2\""));
        // A copy asks the same.
        let copy = location(&browser.post("/organizer/webcasts/partnering-for-growth/duplicate", &[]).await);
        let copied = browser.page(&format!("{}/form", copy.split('?').next().unwrap())).await;
        assert!(copied.contains("q_budget_2"), "{copied}");
        site.running.stop().await;
    }

    async fn an_answer_stays_what_it_was_when_the_list_changes(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let (browser, visitor, session) = (Browser::signed_in(&site, "olga@example.org").await, Browser::new(&site), site.upcoming().await);
        browser.asks(FORM, "one_of", &[("label", "City"), ("options", "東京\n京都")]).await;
        let page = visitor.page(PAGE).await;
        assert!(page.contains("id=\"q_city-is-answer\"") && page.contains("id=\"q_city-is-answer_2\""), "{page}");
        assert_eq!(visitor.registers(session, &[("name", "Ada"), ("q_city", "answer")]).await.status(), StatusCode::SEE_OTHER);
        let path = browser.question(FORM, "City").await;
        let without = [("label", "City"), ("option_answer", ""), ("option_answer_2", "京都"), ("options", "奈良")];
        assert!(location(&browser.post(&path, &without).await).ends_with("done=question"));
        let more = [("label", "City"), ("option_answer_2", "京都"), ("option_answer_3", "奈良"), ("options", "大阪")];
        assert!(location(&browser.post(&path, &more).await).ends_with("done=question"));
        let attendees = file(&browser, &format!("/organizer/exports/attendees.csv?session={session}")).await;
        assert_eq!(cell(&attendees, "City", 1), "東京");
        let mine = site.page_of_only_seat().await;
        let page = visitor.page(&mine).await;
        assert!(!page.contains("東京") && page.contains("id=\"q_city-is-answer_4\"") && page.contains("value=\"\" checked"), "{page}");
        // Whoever changes something else keeps what they said.
        assert!(location(&visitor.changes(&mine, &[("name", "Ada B."), ("q_city", "")]).await).ends_with("?done=saved"));
        let attendees = file(&browser, &format!("/organizer/exports/attendees.csv?session={session}")).await;
        assert_eq!(cell(&attendees, "City", 1), "東京");
        site.running.stop().await;
    }

    async fn fields_belong_to_the_person_and_both_sides_can_put_them_right(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let (browser, visitor, session) = (Browser::signed_in(&site, "olga@example.org").await, Browser::new(&site), site.upcoming().await);
        let fields = |company: &'static str| [("company", company), ("phone", "optional"), ("country", "optional")];
        assert_eq!(browser.post(FORM, &fields("optional")).await.status(), StatusCode::SEE_OTHER);
        let said = [("name", "Ada"), ("company", "Engnes"), ("phone", "020 7946 0000"), ("country", "gb")];
        assert_eq!(visitor.registers(session, &said).await.status(), StatusCode::SEE_OTHER);
        let export = format!("/organizer/exports/attendees.csv?session={session}&columns=company,phone,country");
        assert_eq!(file(&browser, &export).await[1], ["Engnes", "+442079460000", "GB"]);
        // Found by what they said, once words are kept.
        site.keep_words().await;
        assert!(browser.page("/organizer/people?q=engnes").await.contains("Ada"));
        // An organizer puts the company right: the registration follows.
        let people = browser.page(&format!("/organizer/people?session={session}")).await;
        let person = people.split("href=\"/organizer/people/").find(|row| !row.starts_with("new\"") && row.contains("Ada")).unwrap();
        let person = format!("/organizer/people/{}", person.split('"').next().unwrap());
        let right = [("name", "Ada"), ("email", "ada@example.org"), ("company", "Engines")];
        assert_eq!(browser.post(&format!("{person}/edit"), &right).await.status(), StatusCode::SEE_OTHER);
        assert_eq!(file(&browser, &export).await[1][0], "Engines");
        // The visitor takes the number back; the form asks for the company no more, and it stays.
        assert_eq!(browser.post(FORM, &fields("off")).await.status(), StatusCode::SEE_OTHER);
        let mine = site.page_of_only_seat().await;
        assert!(!visitor.page(&mine).await.contains("Engines"));
        assert!(location(&visitor.changes(&mine, &[("name", "Ada"), ("country", "GB"), ("phone", "")]).await).ends_with("?done=saved"));
        assert_eq!(file(&browser, &export).await[1], ["Engines", "", "GB"]);
        let page = browser.page(&person).await;
        assert!(page.contains("Engines") && page.contains("United Kingdom") && !page.contains("+442079460000"), "{page}");
        site.running.stop().await;
    }

    async fn a_consent_keeps_the_words_that_were_agreed_to(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let (browser, visitor, session) = (Browser::signed_in(&site, "olga@example.org").await, Browser::new(&site), site.upcoming().await);
        browser.asks(FORM, "consent", &[("label", "Share my address.")]).await;
        let agreed = [("name", "Ada"), ("q_share_my_address", "yes")];
        assert_eq!(visitor.registers(session, &agreed).await.status(), StatusCode::SEE_OTHER);
        let path = browser.question(FORM, "Share my address.").await;
        assert!(location(&browser.post(&path, &[("label", "Share my address and my telephone number.")]).await).ends_with("done=question"));
        let page = browser.page(&path).await;
        assert!(page.contains("Version 1, since") && page.contains("<q>Share my address.</q>") && page.contains("Version 2, since"), "{page}");
        // Who agreed to other words is asked anew.
        let mine = site.page_of_only_seat().await;
        let page = visitor.page(&mine).await;
        assert!(page.contains("name=\"q_share_my_address\" type=\"checkbox\" value=\"yes\"><label"), "{page}");
        let people = browser.page(&format!("/organizer/people?session={session}")).await;
        let person = people.split("href=\"/organizer/people/").find(|row| !row.starts_with("new\"") && row.contains("Ada")).unwrap();
        let page = browser.page(&format!("/organizer/people/{}", person.split('"').next().unwrap())).await;
        assert!(page.contains("<dt>Share my address.</dt>"), "{page}");
        // Files say so too, and a change of something else takes no consent away.
        assert!(location(&visitor.changes(&mine, &[("name", "Ada B.")]).await).ends_with("?done=saved"));
        let attendees = file(&browser, &format!("/organizer/exports/attendees.csv?session={session}")).await;
        assert_eq!(cell(&attendees, "Share my address and my telephone number.", 1), "yes (version 1)");
        site.running.stop().await;
    }

    async fn a_paper_asks_too(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        site.add("vera@example.org", Role::Viewer).await;
        let (browser, visitor) = (Browser::signed_in(&site, "olga@example.org").await, Browser::new(&site));
        let papers = browser.page("/organizer/papers").await;
        let form = papers.split("href=\"/organizer/papers/").find(|link| link.contains("/form\"")).unwrap().split('"').next().unwrap();
        let form = format!("/organizer/papers/{form}");
        assert_eq!(form, PAPER_FORM);
        browser.asks(&form, "one_of", &[("label", "Your size"), ("options", "Small\nLarge"), ("required", "yes")]).await;
        assert!(location(&browser.post(&form, &[("company", "optional")]).await).ends_with("?done=saved"));
        let paper = form.trim_end_matches("/form").replace("/organizer/papers", "/whitepapers");
        assert!(visitor.page(&paper).await.contains("id=\"q_your_size-is-small\""));
        let wanted = [("name", "Ada"), ("email", "ada@example.org"), ("company", "Engines")];
        visitor.refused(&format!("{paper}/request"), &wanted, StatusCode::UNPROCESSABLE_ENTITY, "Choose one of the answers.").await;
        let answered: Vec<_> = wanted.into_iter().chain([("q_your_size", "large")]).collect();
        assert_eq!(visitor.post(&format!("{paper}/request"), &answered).await.status(), StatusCode::SEE_OTHER);
        let slug = paper.rsplit('/').next().unwrap();
        let requests = file(&browser, &format!("/organizer/exports/requests.csv?whitepaper={slug}")).await;
        assert_eq!((cell(&requests, "Your size", 1), cell(&requests, "Company", 1)), ("Large", "Engines"));
        assert!(!file(&browser, "/organizer/exports/requests.csv").await[0].contains(&"Your size".to_owned()));
        // Who only looks, looks.
        let viewer = Browser::signed_in(&site, "vera@example.org").await;
        assert!(!viewer.page(&form).await.contains(">Save the fields<"));
        assert_eq!(viewer.post(&form, &[("company", "required")]).await.status(), StatusCode::FORBIDDEN);
        site.running.stop().await;
    }

    async fn a_form_has_forty_questions_and_many_answer_at_once(test: TestDb) {
        let site = Site::start(&test).await;
        site.add("olga@example.org", Role::Editor).await;
        let (browser, session) = (Browser::signed_in(&site, "olga@example.org").await, site.upcoming().await);
        for number in 1..=40 {
            browser.asks(FORM, "number", &[("label", &format!("Question {number}"))]).await;
        }
        browser.refused(&format!("{FORM}/questions/new?kind=text"), &[("label", "One more")], StatusCode::UNPROCESSABLE_ENTITY, "A form has at most 40 questions.").await;
        let visitor = Browser::new(&site);
        let posts = (0..60).map(|person| {
            let (visitor, email) = (&visitor, format!("p{person}@example.org"));
            async move {
                let answers: Vec<(String, String)> = (1..=40).map(|n| (format!("q_question_{n}"), (person * 100 + n).to_string())).collect();
                let mut fields = vec![("name", "Ada"), ("email", email.as_str())];
                fields.extend(answers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                visitor.registers(session, &fields).await.status()
            }
        });
        let statuses = futures_util::future::join_all(posts).await;
        assert!(statuses.iter().all(|status| *status == StatusCode::SEE_OTHER), "{statuses:?}");
        let attendees = file(&browser, &format!("/organizer/exports/attendees.csv?session={session}&columns=email,q_question_1,q_question_40")).await;
        assert_eq!(attendees.len(), 61);
        for row in &attendees[1..] {
            let person: usize = row[0].trim_start_matches('p').split('@').next().unwrap().parse().unwrap();
            assert_eq!(row[1..], [(person * 100 + 1).to_string(), (person * 100 + 40).to_string()]);
        }
        site.running.stop().await;
    }
}
