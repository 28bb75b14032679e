import { ActionIcon, Kbd, Tooltip, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconBox, IconDeviceDesktop, IconMoon, IconPlayerPlay, IconSchema, IconSearch, IconSun } from "@tabler/icons-react";
import { Link, Outlet } from "@tanstack/react-router";
import { Connection } from "./Connection";
import { openSearch, Search } from "./Search";
import classes from "./Shell.module.css";
import mark from "./wherry.svg";

const ROOMS = [
  { to: "/runs", label: "Runs", Icon: IconPlayerPlay },
  { to: "/pipelines", label: "Pipelines", Icon: IconSchema },
  { to: "/models", label: "Models", Icon: IconBox },
] as const;

/** What stands around every page: the way to the others, the search, the theme and the connection. */
export function Shell() {
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main" onClick={toMain}>
        Skip to the page
      </a>
      <header className={classes.side}>
        <Link to="/runs" className={classes.brand}>
          <img src={mark} alt="" width={26} height={26} />
          Wherry
        </Link>
        <UnstyledButton className={classes.search} onClick={openSearch}>
          <IconSearch size={15} aria-hidden />
          <span>Search</span>
          <Kbd size="xs">
            Ctrl K
          </Kbd>
        </UnstyledButton>
        <nav aria-label="Pages" className={classes.rooms}>
          {ROOMS.map(({ to, label, Icon }) => (
            <Link key={to} to={to} className={classes.room} activeProps={{ "data-active": true }}>
              <Icon size={17} aria-hidden />
              <span>{label}</span>
            </Link>
          ))}
        </nav>
        <div className={classes.foot}>
          <Connection />
          <SchemeToggle />
        </div>
      </header>
      <main id="main" tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
      <Search />
    </div>
  );
}

// The hash is the router's: a plain anchor would navigate.
function toMain(event: React.MouseEvent) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

const SCHEMES = {
  auto: { next: "light", label: "Theme: as the system. Change to light", Icon: IconDeviceDesktop },
  light: { next: "dark", label: "Theme: light. Change to dark", Icon: IconSun },
  dark: { next: "auto", label: "Theme: dark. Change to the system's", Icon: IconMoon },
} as const;

function SchemeToggle() {
  // To hold transitions back it would write a style element, which the content security policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const { next, label, Icon } = SCHEMES[colorScheme];
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" onClick={() => setColorScheme(next)} aria-label={label}>
        <Icon size={17} />
      </ActionIcon>
    </Tooltip>
  );
}
