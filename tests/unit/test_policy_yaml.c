#include "unit.h"

#include "policy/yaml.h"

struct text {
	struct arena arena;
	struct problems problems;
	struct source source;
	struct yaml_document *documents;
	size_t count;
};

static void read_text(struct text *t, const char *text, size_t len)
{
	char *copy = malloc(len + !len);

	memset(t, 0, sizeof(*t));
	memcpy(copy, text, len);
	t->problems.arena = &t->arena;
	t->source = (struct source){"a", copy, len};
	t->count = yaml_read(&t->source, &t->arena, &t->documents, &t->problems);
}

static void free_text(struct text *t)
{
	free((char *)t->source.text);
	arena_free(&t->arena);
}

static void put(char *out, size_t size, const char *text)
{
	size_t n = strlen(out);

	snprintf(out + n, size - n, "%s", text);
}

/* {a@1:1: [1@1:5 "2"@1:8] b@2:1: ~@2:4} */
static void dump(const struct yaml_node *n, char *out, size_t size)
{
	char place[64];

	snprintf(place, sizeof(place), "@%u:%u", n->origin.line, n->origin.column);
	switch (n->type) {
	case YAML_NULL:
		put(out, size, "~");
		put(out, size, place);
		break;
	case YAML_SCALAR:
		put(out, size, n->quoted ? "\"" : "");
		put(out, size, n->text);
		put(out, size, n->quoted ? "\"" : "");
		put(out, size, place);
		break;
	case YAML_SEQUENCE:
		put(out, size, "[");
		for (size_t i = 0; i < n->count; i++) {
			put(out, size, i ? " " : "");
			dump(n->items[i], out, size);
		}
		put(out, size, "]");
		break;
	case YAML_MAPPING:
		put(out, size, "{");
		for (size_t i = 0; i < n->count; i++) {
			put(out, size, i ? " " : "");
			dump(n->pairs[i].key, out, size);
			put(out, size, ": ");
			dump(n->pairs[i].value, out, size);
		}
		put(out, size, "}");
		break;
	}
}

/* The documents, a line each, and behind them what is wrong. */
static void assert_tree(const char *text, const char *tree)
{
	char out[2048] = "", line[256];
	struct text t;

	read_text(&t, text, strlen(text));
	for (size_t i = 0; i < t.count; i++) {
		put(out, sizeof(out), t.documents[i].bad ? "bad " : "");
		dump(t.documents[i].root, out, sizeof(out));
		put(out, sizeof(out), "\n");
	}
	for (size_t i = 0; i < t.problems.count; i++) {
		const struct problem *p = &t.problems.items[i];

		snprintf(line, sizeof(line), "%u:%u %s\n", p->origin.line, p->origin.column,
			p->message);
		put(out, sizeof(out), line);
		assert_int_equal(p->code, EXIT_USAGE);
		assert_ptr_equal(p->origin.source, &t.source);
	}
	if (strcmp(out, tree) != 0)
		fail_msg("%s\nis\n%s\nnot\n%s", text, out, tree);
	free_text(&t);
}

static void nodes_know_their_places(void **state)
{
	(void)state;
	assert_tree("", "");
	assert_tree("# nothing\n", "");
	assert_tree("a: 1\nbc:\n  - x\n  - {q: \"null\", r: }\n",
		"{a@1:1: 1@1:4 bc@2:1: [x@3:5 {q@4:6: \"null\"@4:9 r@4:17: ~@4:17}]}\n");
	assert_tree("a: 'b'\nc: ~\nd: null\ne: |\n  text\n",
		"{a@1:1: \"b\"@1:4 c@2:1: ~@2:4 d@3:1: ~@3:4 e@4:1: \"text\n\"@5:1}\n");
	assert_tree("\xef\xbb\xbf\xc3\xa4: \xc3\xb6\r\nb: c\r\n",
		"{\xc3\xa4@1:1: \xc3\xb6@1:4 b@2:1: c@2:4}\n");
	assert_tree("a: 1\n---\n---\nb: 2\n...\n--- c\n",
		"{a@1:1: 1@1:4}\n~@1:4\n{b@4:1: 2@4:4}\nc@6:5\n");
}

static void json_is_yaml(void **state)
{
	(void)state;
	assert_tree("{\"a\": [1, true, {\"b\": null}],\n \"c\": \"x\\ty\"}",
		"{\"a\"@1:2: [1@1:8 true@1:11 {\"b\"@1:18: ~@1:23}] \"c\"@2:2: \"x\ty\"@2:7}\n");
}

static void aliases_and_merge_keys(void **state)
{
	(void)state;
	assert_tree("a: &x [1]\nb: *x\n", "{a@1:1: [1@1:8] b@2:1: [1@1:8]}\n");
	/* what is said goes before what is merged, and the first merged before the next */
	assert_tree(
		"- &m {a: 1, b: 2}\n- &n {b: 3, c: 4}\n- {b: 5, <<: *m}\n- <<: [*m, *n]\n  d: 6\n",
		"[{a@1:7: 1@1:10 b@1:13: 2@1:16} {b@2:7: 3@2:10 c@2:13: 4@2:16} "
		"{b@3:4: 5@3:7 a@1:7: 1@1:10} "
		"{d@5:3: 6@5:6 a@1:7: 1@1:10 b@1:13: 2@1:16 c@2:13: 4@2:16}]\n");
	assert_tree("\"<<\": 1\n", "{\"<<\"@1:1: 1@1:7}\n");
	assert_tree("a: {<<: 1}\n", "bad {a@1:1: {}}\n"
				    "1:5 '<<' wants a mapping, or a list of mappings\n");
	assert_tree("a: *x\n", "bad {a@1:1: ~@1:4}\n1:4 an alias without its anchor\n");
	assert_tree("a: &x [*x]\n", "bad {a@1:1: [~@1:8]}\n1:8 an alias to what it stands in\n");
	/* of another document */
	assert_tree("a: &x 1\n---\nb: *x\n",
		"{a@1:1: 1@1:7}\nbad {b@3:1: ~@3:4}\n3:4 an alias without its anchor\n");
}

static void what_is_wrong(void **state)
{
	(void)state;
	assert_tree("a: 1\nb: 2\na: 3\n",
		"bad {a@1:1: 1@1:4 b@2:1: 2@2:4}\n3:1 'a' is here twice: line 1 has it as well\n");
	assert_tree("a: {x: 1, x: 1}\nb: {y: 1, y: 2}\n",
		"bad {a@1:1: {x@1:5: 1@1:8} b@2:1: {y@2:5: 1@2:8}}\n"
		"1:11 'x' is here twice: line 1 has it as well\n"
		"2:11 'y' is here twice: line 2 has it as well\n");
	assert_tree("a: !!str 5\n", "bad {a@1:1: 5@1:10}\n1:10 tags (!...) mean nothing here\n");
	assert_tree("? [a]\n: b\n", "1:4 a key is a single word\n");
	assert_tree("a: \"\\0\"\n", "bad {a@1:1: \"\"@1:4}\n1:4 a text with a NUL character\n");
	assert_tree("\xff\xfe"
		    "a",
		"1:1 this is no text in UTF-8\n");
	assert_tree("a: b\nc: \xc3\xa4\xc3", "2:5 this is no text in UTF-8\n");
}

/* What was before it counts. */
static void syntax_errors(void **state)
{
	(void)state;
	assert_tree("a: 1\n---\nb: @x\nc: 1\n",
		"{a@1:1: 1@1:4}\n3:4 this is no YAML: plain scalar cannot start with '@'\n");
	assert_tree("a:\n\tb: 1\n",
		"2:1 this is no YAML: tab character may not be used as indentation\n");
	assert_tree(
		"a: \"x\n", "1:5 this is no YAML: double-quoted scalar without closing quote\n");
	assert_tree("a: [1, 2\n", "2:1 this is no YAML: flow sequence without a closing bracket\n");
}

static void bounds(void **state)
{
	char *big = malloc(YAML_TEXT_MAX + 1), laughs[4096] = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
	char deep[256] = "";
	struct text t;

	(void)state;
	memset(big, ' ', YAML_TEXT_MAX + 1);
	read_text(&t, big, YAML_TEXT_MAX);
	assert_int_equal(t.problems.count, 0);
	free_text(&t);
	read_text(&t, big, YAML_TEXT_MAX + 1);
	assert_int_equal(t.problems.count, 1);
	assert_string_equal(t.problems.items[0].message, "it has more than 1048576 bytes");
	free_text(&t);
	free(big);

	for (int i = 0; i < YAML_DEPTH_MAX; i++)
		put(deep, sizeof(deep), "[");
	for (int i = 0; i < YAML_DEPTH_MAX; i++)
		put(deep, sizeof(deep), "]");
	read_text(&t, deep, strlen(deep));
	assert_int_equal(t.problems.count, 0);
	assert_int_equal(t.count, 1);
	free_text(&t);
	memmove(deep + 1, deep, strlen(deep) + 1);
	put(deep, sizeof(deep), "]");
	assert_tree(deep, "1:33 too many levels\n");

	for (int i = 1; i < 9; i++)
		snprintf(laughs + strlen(laughs), sizeof(laughs) - strlen(laughs),
			"a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i,
			i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	read_text(&t, laughs, strlen(laughs));
	assert_int_equal(t.count, 0);
	assert_int_equal(t.problems.count, 1);
	assert_string_equal(
		t.problems.items[0].message, "aliases blow this document up beyond bounds");
	assert_int_equal(t.problems.items[0].origin.line, 5);
	free_text(&t);
}

/* An alias into depths counts with what is below it. */
static void depth_by_aliases(void **state)
{
	char text[512] = "- &a ";
	struct text t;

	(void)state;
	for (int i = 0; i < 20; i++)
		put(text, sizeof(text), "[");
	for (int i = 0; i < 20; i++)
		put(text, sizeof(text), "]");
	put(text, sizeof(text), "\n- ");
	for (int i = 0; i < 15; i++)
		put(text, sizeof(text), "[");
	put(text, sizeof(text), "*a");
	for (int i = 0; i < 15; i++)
		put(text, sizeof(text), "]");
	read_text(&t, text, strlen(text));
	assert_int_equal(t.problems.count, 1);
	assert_string_equal(t.problems.items[0].message, "too many levels below this alias");
	free_text(&t);
}

static void booleans(void **state)
{
	static const struct {
		const char *text;
		bool is, on;
	} cases[] = {{"on", true, true}, {"Off", true, false}, {"TRUE", true, true},
		{"false", true, false}, {"yes", true, true}, {"no", true, false},
		{"1", false, false}, {"y", false, false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct yaml_node n = {.type = YAML_SCALAR, .text = cases[i].text};
		bool on = false;

		assert_int_equal(yaml_bool(&n, &on), cases[i].is);
		assert_int_equal(on, cases[i].on);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_know_their_places),
		cmocka_unit_test(json_is_yaml),
		cmocka_unit_test(aliases_and_merge_keys),
		cmocka_unit_test(what_is_wrong),
		cmocka_unit_test(syntax_errors),
		cmocka_unit_test(bounds),
		cmocka_unit_test(depth_by_aliases),
		cmocka_unit_test(booleans),
	};

	return RUN(tests);
}
