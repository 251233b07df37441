using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ZeroDown.Benchmarks;

/// <summary>One row of the report.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Zd">ZeroDown's figure, with its unit.</param>
/// <param name="Other">What it is compared with, with its unit.</param>
/// <param name="Ratio">The comparison, with its interval where there is one.</param>
/// <param name="Claim">What is promised.</param>
/// <param name="Holds">Null when nothing is promised or the other side could not be measured.</param>
internal sealed record Figure(string What, string Zd, string Other, string Ratio, string Claim, bool? Holds);

/// <summary>The figures as a Markdown table.</summary>
internal static class Report
{
    public static string Markdown(Settings settings, IReadOnlyList<Figure> figures)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores, {settings.Pairs} alternating pairs, {DateTime.UtcNow:yyyy-MM-dd}");
        text.AppendLine();
        text.AppendLine("| what | zd | compared with | ratio | claim | holds |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var figure in figures)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {figure.What} | {figure.Zd} | {figure.Other} | {figure.Ratio} | {figure.Claim} | {Word(figure.Holds)} |");
        return text.ToString();
    }

    private static string Word(bool? holds) => holds switch
    {
        true => "yes",
        false => "**no**",
        null => "–",
    };
}
