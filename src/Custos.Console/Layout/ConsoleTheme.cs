using MudBlazor;

namespace Custos.Console.Layout;

// The same colours as Assets/custos.css. Text on its background is at least 4.5:1 in both themes (WCAG 2.2, 1.4.3).
static class ConsoleTheme
{
    static readonly string[] SystemFonts = ["system-ui", "-apple-system", "Segoe UI", "Cantarell", "Noto Sans", "DejaVu Sans", "Liberation Sans", "sans-serif"];

    internal static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0b5563",
            Secondary = "#4a5568",
            Error = "#a3162b",
            Warning = "#8a4300",
            Success = "#1d6b3d",
            Info = "#1f5aa6",
            Background = "#f4f6f8",
            Surface = "#ffffff",
            TextPrimary = "#1a222d",
            TextSecondary = "#536071",
            ActionDefault = "#3c4858",
            LinesDefault = "#d5dbe3",
            LinesInputs = "#78859a",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#7ccfdc",
            PrimaryContrastText = "#0c1216",
            Secondary = "#a9b5c3",
            Error = "#ff9aa6",
            ErrorContrastText = "#0c1216",
            Warning = "#f2b26b",
            WarningContrastText = "#0c1216",
            Success = "#86d3a2",
            SuccessContrastText = "#0c1216",
            Info = "#93c0f5",
            InfoContrastText = "#0c1216",
            Background = "#10151b",
            Surface = "#181f27",
            TextPrimary = "#e6ebf1",
            TextSecondary = "#a9b5c3",
            ActionDefault = "#c3ccd7",
            LinesDefault = "#2c3641",
            LinesInputs = "#77859a",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = SystemFonts, FontSize = "0.9rem" },
            Button = new ButtonTypography { FontFamily = SystemFonts, TextTransform = "none", FontWeight = "600", LetterSpacing = "0" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px" },
    };
}
