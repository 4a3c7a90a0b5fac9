import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './shell/app.tsx';
import { startTheme } from './state/theme.ts';
import './styles/index.css';

startTheme({ storage: localStorage, root: document.documentElement });
const page = document.querySelector('#page');
if (page !== null) {
  createRoot(page).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
