using AsyncPs.Data;
using AsyncPs.Data.Queries;
using Xunit;

namespace AsyncPs.Tests.Data;

/// <summary>Parameters in SQL text, and text that only looks like one.</summary>
public sealed class QueryTextTests
{
    [Theory]
    [InlineData("select @a, @b, @A", "a b")]
    [InlineData("select '@no', \"@no\", `@no`, @yes", "yes")]
    [InlineData("select 'it''s @no', @yes", "yes")]
    [InlineData(@"select E'\'@no', @yes", "yes")]
    [InlineData(@"select '\', @yes, 'x'", "yes")]
    [InlineData("select @a -- @no\n, @b", "a b")]
    [InlineData("select /* @no /* @no */ @no */ @a", "a")]
    [InlineData("select $$ @no $$, $q$ @no $$ @no $q$, @a", "a")]
    [InlineData("select a$1, $1, @b", "b")]
    [InlineData("select x @> y, x <@y, a @@ b, @@c, @ -5, j @? p, @_x1", "_x1")]
    [InlineData("select 'unended @no", "")]
    [InlineData("select $x$ unended @no", "")]
    [InlineData("select /* unended @no", "")]
    [InlineData("", "")]
    [InlineData("@a", "a")]
    public void Parameters_are_names_outside_of_strings_and_comments(string text, string names)
        => Assert.Equal(names, string.Join(' ', new QueryText(text, DatabaseKind.PostgreSql).Names));

    [Theory]
    [InlineData(DatabaseKind.PostgreSql, "c")]
    [InlineData(DatabaseKind.Sqlite, "a b c")]
    [InlineData(DatabaseKind.Other, "a b c")]
    public void Operators_with_an_at_sign_are_those_of_PostgreSQL(DatabaseKind kind, string names)
        => Assert.Equal(names, string.Join(' ', new QueryText("select x<@a, ~@b, x<=@c, @@d", kind).Names));

    [Theory]
    [InlineData("select 1", false)]
    [InlineData("select 1;", false)]
    [InlineData("select 1; -- done\n", false)]
    [InlineData("select 1; /* done */ ", false)]
    [InlineData("select ';'", false)]
    [InlineData("do $$ begin; end $$", false)]
    [InlineData("select 1; select 2", true)]
    [InlineData("select 1;'x'", true)]
    [InlineData("select 1; @a", true)]
    public void Several_statements_are_told_from_one(string text, bool several)
        => Assert.Equal(several, new QueryText(text, DatabaseKind.PostgreSql).HasSeveral);

    [Fact]
    public void Names_become_positions_by_their_first_use()
        => Assert.Equal(
            "select $1, '@b', $2 from t where x = $1",
            new QueryText("select @a, '@b', @b from t where x = @A", DatabaseKind.PostgreSql).WithPositions());
}
