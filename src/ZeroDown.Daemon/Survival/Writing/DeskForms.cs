namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>Forms of the desk where commands wait for their answers.</summary>
internal static class DeskForms
{
    private static readonly Form<CommandTicket> Ticket = new RecordForm<CommandTicket>(new(null!, null!, default))
        .Must("token", PlainForms.Text, ticket => ticket.Token, (ticket, value) => ticket with { Token = value })
        .Must("content", PlainForms.Text, ticket => ticket.Content, (ticket, value) => ticket with { Content = value })
        .Must("request", PlainForms.RequestId, ticket => ticket.Request, (ticket, value) => ticket with { Request = value })
        .May("answer", RequestForms.Answer.OrNull(), ticket => ticket.Answer, (ticket, value) => ticket with { Answer = value });

    public static readonly Form<DeskBook> Book = new RecordForm<DeskBook>(new())
        .Must("lastRequest", PlainForms.Long, book => book.LastRequest, (book, value) => book with { LastRequest = value })
        .May("tickets", Ticket.InList(), book => book.Tickets, (book, value) => book with { Tickets = value });
}
