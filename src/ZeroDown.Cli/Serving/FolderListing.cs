using System.Net;
using System.Text;
using ZeroDown.Cli.Views;

namespace ZeroDown.Cli.Serving;

/// <summary>A folder as a page of links.</summary>
internal static class FolderListing
{
    public static string Html(string folder, string shown)
    {
        var title = WebUtility.HtmlEncode(shown);
        var page = new StringBuilder($"<!doctype html>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<h1>{title}</h1>\n<ul>\n");
        if (shown != "/")
            page.Append("<li><a href=\"../\">../</a></li>\n");
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos()
                     .Where(entry => !entry.Name.StartsWith('.'))
                     .OrderBy(entry => entry is FileInfo).ThenBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var slash = entry is DirectoryInfo ? "/" : "";
            var size = entry is FileInfo file ? $" {Units.Memory(file.Length)}" : "";
            page.Append($"<li><a href=\"{Uri.EscapeDataString(entry.Name)}{slash}\">{WebUtility.HtmlEncode(entry.Name)}{slash}</a>{size}</li>\n");
        }

        return page.Append("</ul>\n").ToString();
    }
}
