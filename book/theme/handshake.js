// What mdBook's page lacks for a reader without a mouse, and for paper. No page needs this script to be read.
'use strict';

(() => {
    // The button of the table of contents is a label: give it what a button has.
    const toggle = document.getElementById('mdbook-sidebar-toggle');
    if (toggle) {
        toggle.tabIndex = 0;
        toggle.setAttribute('role', 'button');
        toggle.addEventListener('keydown', event => {
            if (event.key === 'Enter' || event.key === ' ') {
                event.preventDefault();
                toggle.click();
            }
        });
    }

    // A table or a listing that is wider than the page scrolls inside its frame, also by keyboard.
    const frames = document.querySelectorAll('.content .table-wrapper, .content pre > code, .content pre');
    const reachable = () => {
        for (const frame of frames) {
            if (frame.scrollWidth > frame.clientWidth + 1) {
                frame.tabIndex = 0;
            } else {
                frame.removeAttribute('tabindex');
            }
        }
    };
    reachable();
    window.addEventListener('load', reachable);
    window.addEventListener('resize', reachable);
    document.addEventListener('toggle', reachable, true);

    // Paper shows what is folded.
    let unfolded = [];
    window.addEventListener('beforeprint', () => {
        unfolded = [...document.querySelectorAll('details:not([open])')];
        for (const fold of unfolded) {
            fold.open = true;
        }
    });
    window.addEventListener('afterprint', () => {
        for (const fold of unfolded) {
            fold.open = false;
        }
        unfolded = [];
    });

    // A link into a folded answer unfolds it.
    const unfold = () => {
        const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
        for (let fold = target && target.closest('details'); fold; fold = fold.parentElement.closest('details')) {
            fold.open = true;
        }
    };
    unfold();
    window.addEventListener('hashchange', unfold);
})();
