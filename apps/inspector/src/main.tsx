import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

const page = document.querySelector('#page');
if (page !== null) {
  createRoot(page).render(
    <StrictMode>
      <h1>Sluice inspector</h1>
    </StrictMode>,
  );
}
